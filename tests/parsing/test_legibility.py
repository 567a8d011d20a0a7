"""Text in a language is told from the letters of a font without a map to Unicode."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest

from reformqa import UnreadableFileError
from reformqa.parsing.legibility import legible
from support import pdfs
from support.pdfs import set_lines, wrapped

#: Four sentences in several languages, about a harbour.
SENTENCES = {
    "English": (
        "The harbour board met nine times in the year and set the dues of fishing boats apart from"
        " those of ferries. Nobody on the quay could say why a tug should pay what a barge does"
        " not. The keeper of the lock wrote to the board that the gates had been left open for a"
        " week. He was told that new timber would be bought when the price had come down."
    ),
    "Welsh": (
        "Cyfarfu bwrdd yr harbwr naw gwaith yn ystod y flwyddyn a gosod tollau cychod pysgota ar"
        " wahân i rai llongau fferi. Ni allai neb ar y cei ddweud pam y dylai tynfad dalu yr hyn"
        " nad yw ysgraff yn ei dalu. Ysgrifennodd ceidwad y llifddor at y bwrdd fod y giatiau wedi"
        " eu gadael ar agor am wythnos gron."
    ),
    "Czech": (
        "Rada přístavu se během roku sešla devětkrát a určila poplatky rybářských lodí zvlášť od"
        " poplatků přívozů. Nikdo na nábřeží nedokázal říct, proč má vlečný člun platit to, co"
        " neplatí pramice. Strážce zdymadla napsal radě, že vrata zůstala celý týden otevřená a že"
        " čtvrt metru krve a prstů smrti by nestačilo strč prst skrz krk."
    ),
    "German": (
        "Der Hafenrat tagte neunmal im Jahr und setzte die Gebühren der Fischerboote getrennt von"
        " denen der Fähren fest. Niemand am Kai konnte sagen, warum ein Schlepper zahlen soll, was"
        " ein Lastkahn nicht zahlt. Der Schleusenwärter schrieb dem Rat, dass die Tore eine Woche"
        " lang offen gestanden hätten und das Holz für neue Tore noch zu teuer sei."
    ),
    "Finnish": (
        "Sataman hallitus kokoontui yhdeksän kertaa vuoden aikana ja määräsi kalastusveneiden"
        " maksut erikseen lauttojen maksuista. Kukaan laiturilla ei osannut sanoa, miksi hinaajan"
        " pitäisi maksaa se, mitä proomu ei maksa. Sulun vartija kirjoitti hallitukselle, että"
        " portit olivat jääneet auki viikoksi eikä uutta puutavaraa ollut ostettu."
    ),
    "Swahili": (
        "Bodi ya bandari ilikutana mara tisa katika mwaka na kupanga ada za mashua za uvuvi kando"
        " na zile za vivuko. Hakuna mtu bandarini aliyeweza kusema kwa nini tishari ilipe kile"
        " ambacho jahazi halilipi. Mlinzi wa lango aliandika kwa bodi kwamba milango ilikuwa"
        " imeachwa wazi kwa wiki nzima na mbao mpya hazijanunuliwa bado."
    ),
    "Polish": (
        "Rada portu zebrała się w ciągu roku dziewięć razy i ustaliła opłaty łodzi rybackich"
        " oddzielnie od opłat promów. Nikt na nabrzeżu nie umiał powiedzieć, dlaczego holownik ma"
        " płacić to, czego barka nie płaci. Strażnik śluzy napisał do rady, że wrota przez tydzień"
        " były otwarte, a nowe drewno wciąż jest za drogie."
    ),
    "Turkish": (
        "Liman kurulu yıl içinde dokuz kez toplandı ve balıkçı teknelerinin harçlarını"
        " feribotlarınkinden ayrı belirledi. Rıhtımda hiç kimse bir römorkörün mavnanın ödemediği"
        " ücreti neden ödemesi gerektiğini söyleyemedi. Kapak bekçisi kurula kapıların bir hafta"
        " boyunca açık bırakıldığını ve yeni kereste alınmadığını yazdı."
    ),
}
SHIFTED = "".join(chr(ord(c) - 29) if c.isalpha() else c for c in SENTENCES["English"])


@pytest.mark.parametrize("language", SENTENCES)
def test_text_is_legible_in_any_language(language: str):
    words = SENTENCES[language]
    assert legible(words)
    assert legible(words.upper())


@pytest.mark.parametrize(
    "words",
    [
        "",
        "12 14 16 " * 60,
        "£1,234 5.6% 2019/20 " * 40,
        "NHS DHSC MoD HMRC DfE BBC CBI TUC FCDO DWP MoJ DLUHC HMT " * 4,
        "Порт собирался девять раз в течение года и установил сборы " * 5,
        "Smith Jones Brown Evans Wright Price Khan Patel Okafor Lee " * 5,
    ],
)
def test_figures_abbreviations_names_and_other_scripts_are_not_called_illegible(words: str):
    assert legible(words)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("language", ["English", "German", "Polish"])
def test_shuffled_codes_are_illegible(language: str, seed: int):
    codes = list(string.ascii_letters + string.digits + string.punctuation)
    shuffled = codes.copy()
    random.Random(seed).shuffle(shuffled)
    wrong = str.maketrans("".join(codes), "".join(shuffled))
    assert not legible((SENTENCES[language] + " ").translate(wrong) * 4)


@pytest.mark.parametrize(
    "words", [SHIFTED * 6, "\ufffd\ufffd \ufffd\ufffd\ufffd " * 30, "\uf041\uf042\uf043 " * 30]
)
def test_shifted_letters_and_codes_without_a_meaning_are_illegible(words: str):
    assert not legible(words)


def test_a_page_whose_letters_make_no_words_is_left_out_and_named(tmp_path: Path):
    good = set_lines(wrapped(SENTENCES["English"], 400), 100)
    bad = set_lines(wrapped("xQ7rT hB9mW zzP2k " * 20, 400), 100)
    read = pdfs.report(tmp_path, good, bad, good, good)
    assert {p.page for p in read.paragraphs} == {1, 3, 4}
    assert read.reading.verdict == "check"
    advice = "the letters on page 2 make no words: use OCR, or get another copy"
    assert advice in read.reading.advice


def test_a_file_whose_letters_make_no_words_is_refused(tmp_path: Path):
    bad = set_lines(wrapped("xQ7rT hB9mW zzP2k " * 20, 400), 100)
    with pytest.raises(UnreadableFileError, match=r"\(2\) make no words. It needs OCR"):
        pdfs.report(tmp_path, bad, bad)
