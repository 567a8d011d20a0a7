"""Clean the text of a line: markup, footnote marks, ligatures, and hyphens at line ends."""

from __future__ import annotations

import html
import re
from collections import Counter

#: Matches a sentence that demands something.
DEMAND = re.compile(r"\b(?:should|must)\b")

_LIGATURES = str.maketrans(
    {
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "ft",
        "ﬆ": "st",
        "\u200b": None,
        "\ufeff": None,
        "\u00a0": " ",
        "\u2009": " ",
        "\u202f": " ",
    }
)
_AUTOLINK = re.compile(r"<((?:https?://|www\.|mailto:)[^<>\s]+)>")
_FOOTNOTE_MARK = re.compile(r"<sup>\s*[\d,;\s*†‡]+\s*</sup>|(?<=[^\s\d])[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_RAISED = re.compile(r"<sup>\s*([23])\s*</sup>", re.IGNORECASE)
_POWERS = {"2": "²", "3": "³"}
#: Matches text that ends with a unit or figure, whose power is no footnote mark.
UNIT = re.compile(r"(?:^|[\d\s])[kc]?m$")
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|\w+);")  # "&copy" in an address is not one
_IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()\s]*\)|\[\^\w+\]")
_EMPHASIS = re.compile(
    r"(?<!\\)(?<!\d)\*+(?=\S)|(?<=\S)(?<!\\)\*+(?!\d)|`+|(?<!\w)_+(?=[^\W_])|(?<=[^\W_])_+(?!\w)"
)
_NAMES = (
    "a|abbr|address|article|aside|b|big|blockquote|body|br|caption|center|cite|code|col|colgroup"
    "|dd|del|details|div|dl|dt|em|embed|figcaption|figure|font|footer|form|h[1-6]|head|header|hr"
    "|html|i|iframe|img|input|ins|kbd|label|li|link|main|mark|meta|nav|object|ol|p|picture|pre|q|s"
    "|samp|script|section|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td"
    "|tfoot|th|thead|title|tr|tt|u|ul|var|video|wbr"
)
#: An HTML tag, if what follows the name is an attribute (`_removed`).
_TAG = re.compile(rf"</?(?:{_NAMES})(?:\s*/?|(\s[^<>]{{0,2000}}))>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
_FLAGS = re.compile(r"\s+(?:nowrap|noshade|compact|checked|disabled|hidden|reversed|open)\s*/?")
_LINK = re.compile(r"\[([^\[\]]*)\]\((?:[^()\s]|\([^()]*\))*\)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!~|>])")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_TITLE_WORD = re.compile(r"(?<![^\W_])(?<![A-Za-z]['’])[^\W\d_](?:[^\W\d_]|['’])*|(?<=\d)S\b")
_ROMAN = re.compile(r"[IVX]{2,}")
_CAPITAL_PLURAL = re.compile(r"[A-Z]{2,}['’]?s")  # "MCAs"
_SMALL_WORDS = re.compile(
    r"a|an|the|and|or|but|nor|of|in|on|to|for|by|at|as|from|with|into|over|than|vs|is|are"
)


def ligatures_apart(text: str) -> str:
    """Return `text` with ligatures as letters, and special spaces as plain ones."""
    return text.translate(_LIGATURES)


def clean(text: str) -> str:
    """Return `text` without Markdown, HTML and footnote marks, and with single spaces."""
    text = without_note_marks(ligatures_apart(text).replace("\u00ad", ""))
    text = _IMAGE.sub(" ", text)
    text = _AUTOLINK.sub(r"\1", text)
    text = _LINK.sub(r"\1", without_tags(text))
    text = without_tags(without_emphasis(text))
    text = _ENTITY.sub(lambda m: html.unescape(m[0]), text)
    return _ESCAPE.sub(r"\1", without_emphasis(text))


def tidy(text: str) -> str:
    """Return text without marks' leftovers: no tags, soft hyphens or ligatures, single spaces."""
    text = ligatures_apart(text).replace("\u00ad", "")
    return " ".join(without_tags(text).split())


def without_tags(text: str) -> str:
    """Return `text` with a space in place of each HTML tag and comment.

    Removing one tag may expose another, so the removal repeats until nothing changes.
    """
    before = None
    while text != before and "<" in text:
        before = text
        text = _TAG.sub(_removed, _COMMENT.sub(" ", text))
    return text


def _removed(tag: re.Match[str]) -> str:
    """Return a space for a tag, and the text itself for "<b and c>", which is none."""
    attributes = tag[1] or ""
    is_tag = not attributes.strip(" /\n") or "=" in attributes or _FLAGS.fullmatch(attributes)
    return " " if is_tag else tag[0]


def without_note_marks(text: str) -> str:
    """Return `text` without raised note marks; the raised figure of a unit becomes "²" or "³"."""
    plain = _RAISED.sub(lambda m: _POWERS[m[1]] if UNIT.search(text[: m.start()]) else m[0], text)
    return _FOOTNOTE_MARK.sub(lambda m: m[0] if _is_power(m, plain) else "", plain)


def without_emphasis(text: str) -> str:
    """Return `text` without the asterisks, underscores and backticks that emphasise words.

    Removing one mark may expose another ("* :"), so the removal repeats until nothing changes.
    """
    before = None
    while text != before:
        before = text
        text = " ".join(_EMPHASIS.sub("", text).split())
        text = re.sub(r" (?=[,;:.?!)](?:\s|$))", "", text)
    return text


def _is_power(mark: re.Match[str], text: str) -> bool:
    """Return whether a raised 2 or 3 belongs to a unit ("40 m²") and is not a footnote mark."""
    return mark[0] in "²³" and bool(UNIT.search(text[: mark.start()]))


class Vocabulary:
    """The words of a report as printed, used to decide on hyphens and capitals."""

    def __init__(self, texts: list[str]) -> None:
        self._forms: Counter[str] = Counter()
        for text in texts:
            if not is_capitals(text):
                self._forms.update(_WORD.findall(text))
        self._folded: Counter[str] = Counter()
        for form, count in self._forms.items():
            self._folded[form.lower()] += count

    def join(self, left: str, right: str) -> str:
        """Join two parts of a paragraph broken by a line, column or page end.

        A hyphen at the break is kept if the report prints the compound elsewhere ("place-based"),
        or prints both parts as words but not the whole. Otherwise it is dropped.
        """
        if not left.endswith("-") or left.endswith(" -") or not right:
            return f"{left} {right}".strip()
        head = re.search(r"([A-Za-z'’]+(?:-[A-Za-z'’]+)*)-$", left)
        tail = re.match(r"[A-Za-z'’]+(?:-[A-Za-z'’]+)*", right)
        if head and tail and tail[0][0].islower():
            counts = self._folded
            before, after = head[1].lower(), tail[0].lower()
            compound = counts[f"{before}-{after}"]
            words = counts[before.split("-")[-1]] and counts[after.split("-")[0]]
            if counts[before + after] or not (compound or words):
                return left[:-1] + right
        return left + right

    def title(self, text: str) -> str:
        """Return a title set in capitals in title case, and any other title unchanged.

        Abbreviations that the report prints in capitals ("NPM", "NHS") keep them.
        """
        if not is_capitals(text):
            return text
        return _TITLE_WORD.sub(lambda m: self._cased(m, text), text)

    def is_name(self, text: str) -> bool:
        """Return whether the report usually capitalises the words of `text`."""
        return all(
            self._forms[w.lower()] == 0 or self._forms[w.lower()] < self._forms[w.capitalize()]
            for w in _WORD.findall(text)
        )

    def _cased(self, match: re.Match[str], text: str) -> str:
        word = match[0]
        before = text[: match.start()].rstrip("'‘“\"( ")
        if word == "S" and before[-1:].isdigit():
            return "s"  # the 2020s
        if _ROMAN.fullmatch(word):
            return word
        if word.endswith(("'S", "’S")) and self._forms[word[:-2]]:
            return f"{word[:-1]}s"
        if self._forms[word] > self._folded[word.lower()] / 2:
            return word
        if _SMALL_WORDS.fullmatch(word.lower()) and before and before[-1] not in ":.?!–-":
            return word.lower()
        return word[0].upper() + word[1:].lower()


def is_capitals(text: str) -> bool:
    """Return whether `text` is set in capitals, ignoring figures and single letters."""
    words = [w for w in _WORD.findall(text) if len(w) > 1]
    upper = sum(w.isupper() or bool(_CAPITAL_PLURAL.fullmatch(w)) for w in words)
    return bool(words) and upper >= 0.8 * len(words) and any(len(w) > 2 for w in words)
