"""The checks of a language model's sentences: what they let through, good and bad.

    python benchmarks/wording.py [--shared DIR] [--index DIR] [--questions 60] [--json FILE]

Good for: a change to the checks of answering/generation.py or citations/stance.py. Needs: the
folder of reports and gold questions, and the package openai. No language model takes part: a
server on this machine is asked in its place. For each question it makes sentences of known kinds
by rule from the passages that it is sent, and counts which of them an answer shows.

Good: "quoted", a sentence of a passage; "attributed", the same after "X says that"; "shortened",
its first clause. Each cites what it says. Bad: "another's figure", a figure changed; "negated" and
"denied" ("It is a myth that …"); "opposed" ("X rejects the view that …"); "another's name",
attributed to another publisher; "another's quote", a sentence that cites another passage; "quote
altered", a quote with a word changed. A bad sentence that is shown is a fault that the checks do
not see; a good one that is left out is lost to the reader.
"""

from __future__ import annotations

import argparse
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import evidence as ev
from measuring import default_shared, print_table, provenance, text_index
from reformqa import Library, Settings
from reformqa.text.sentences import sentences

GOOD = ("quoted", "attributed", "shortened")
BAD = (
    *("another's figure", "negated", "denied", "opposed"),
    *("another's name", "another's quote", "quote altered"),
)
#: The passages of a question that sentences are made from, and the words of a sentence.
PASSAGES, WORDS = 3, (8, 35)
_AUXILIARY = re.compile(r"\b(is|are|was|were|should|has|have|will|can|must)\b")


@dataclass
class Writer:
    """Writes sentences of one kind for each request, and remembers what it wrote."""

    publishers: Sequence[str]
    kind: str = GOOD[0]
    written: Counter[str] = field(default_factory=Counter)

    def reply(self, passages: Sequence[Mapping[str, str]]) -> list[dict[str, object]]:
        """Return proposals of the present kind from the first passages."""
        found = []
        for n, passage in enumerate(passages[:PASSAGES]):
            said = [t for _, t in sentences(passage["text"]) if _fits(t)]
            other = passages[(n + 1) % len(passages)]
            made = self._made(said[0], passage["publisher"], other["text"]) if said else None
            if made:
                text, quote = made
                cited = {"passage": int(passage["passage"]), "quote": quote}
                found.append({"text": text, "citations": [cited]})
        self.written[self.kind] += len(found)
        return found

    def _made(self, said: str, publisher: str, other: str) -> tuple[str, str] | None:
        """Return a sentence of the present kind and its quote, or None if it cannot be made."""
        lower = said[0].lower() + said[1:]
        match self.kind:
            case "quoted":
                return said, said
            case "attributed":
                return f"{publisher} says that {lower}", said
            case "shortened":
                clause = said.partition(",")[0]
                return (f"{clause}.", clause) if len(clause.split()) >= WORDS[0] else None
            case "another's figure":
                changed = re.sub(r"\d", lambda m: str((int(m[0]) + 3) % 10), said)
                return (changed, said) if changed != said else None
            case "negated":
                changed = _AUXILIARY.sub(r"\1 not", said, count=1)
                return (changed, said) if changed != said else None
            case "denied":
                return f"It is a myth that {lower}", said
            case "opposed":
                return f"{publisher} rejects the view that {lower}", said
            case "another's name":
                name = next(p for p in self.publishers if p != publisher)
                return f"{name} says that {lower}", said
            case "another's quote":
                foreign = [t for _, t in sentences(other) if _fits(t) and t not in said]
                return (foreign[0], said) if foreign else None
            case _:  # "quote altered"
                words = said.split()
                return said, " ".join([*words[:3], "indeed", *words[4:]])


def _fits(text: str) -> bool:
    return WORDS[0] <= len(text.split()) <= WORDS[1] and text[:1].isupper() and text[-1:] == "."


@contextmanager
def serving(writer: Writer) -> Iterator[str]:
    """Yield the address of a server that replies as `writer` writes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            data = json.loads(asked["messages"][-1]["content"])
            content = json.dumps({"sentences": writer.reply(data["passages"])})
            choice = {"message": {"content": content}, "finish_reason": "stop"}
            body = json.dumps({"choices": [choice]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *told: object) -> None:
            pass

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=default_shared())
    parser.add_argument("--index", type=Path, help="an index of the five reports as text")
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    return parser.parse_args()


def main() -> None:
    """Print the shares of the sentences of each kind that are shown."""
    options = arguments()
    index = text_index(options.index, options.shared)
    questions = ev.single_facts(ev.read([options.shared / "gold" / "more"]))[: options.questions]
    provenance({"questions": len(questions)})
    writer = Writer(Library.open(index, Settings()).publishers)
    shown: Counter[str] = Counter()
    with serving(writer) as address:
        settings = Settings.model_validate({"llm": {"base_url": address, "model": "made"}})
        library = Library.open(index, settings)
        for writer.kind in (*GOOD, *BAD):
            for question in questions:
                before = writer.written[writer.kind]
                answer = library.ask(question.text)
                proposed = writer.written[writer.kind] - before
                shown[writer.kind] += max(0, proposed - len(answer.left_out))
    table = {
        kind: {
            "made": writer.written[kind],
            "shown": shown[kind],
            "share": shown[kind] / max(1, writer.written[kind]),
        }
        for kind in (*GOOD, *BAD)
    }
    print_table("Kind", table)
    if options.json:
        options.json.write_text(json.dumps(table, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
