"""Lists of words for finding noun phrases; see `terms`."""

from __future__ import annotations

from reformqa.text.tokens import STOP_WORDS


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


#: Words that may precede a verb, but seldom a noun.
BEFORE_VERBS = _words(
    "to should must would will can could may might shall not do does did have has had who which",
    "that they we it you already also",
)
#: Forms of "be" and of verbs used like it.
BE = _words("is are be been was were being become becomes remain")
#: Articles and other words that may begin a noun phrase.
ARTICLES = _words(
    "the a an their its our them it these those this that his her your my each every any some",
    "more new all both one two three",
)
#: Words that join sentences or phrases.
JOINING = _words(
    "however together first second third last next etc eg ie also thus within across inside",
    "throughout towards alongside around including like whatever currently further",
)
#: All words that are not content words.
FUNCTION = STOP_WORDS | BEFORE_VERBS | BE | ARTICLES | JOINING
#: Nouns that end in "ing".
GERUNDS = _words(
    "banking bargaining budgeting building commissioning farming funding gambling housing learning",
    "lending licensing manufacturing mentoring monitoring nursing outsourcing parenting planning",
    "policing screening sentencing sharing spending teaching training volunteering wellbeing",
)
#: Words before a phrase that take the place of an article.
DETERMINERS = _words("the a an their its our this these those that each every any some")
#: Words that occur as nouns too often to be excluded as verbs, but name no topic.
VAGUE = _words(
    "bring build call control critical design early exist fair find free genuine give good great",
    "guarantee hard help high hold include input keep lead long look low make move number open",
    "output put real seat see short small strong subject take test turn wide write",
)
#: General words for recommendations, reports and public bodies, which alone name no topic.
COMMON = _words(
    "ability access act action activity aim approach area arrangement aspect authority basis body",
    "case category centre challenge change circumstance class condition core country creation day",
    "decade delivery department detail development difference direction duty effect effort element",
    "emphasis end example experience extent fact feature focus form framework function future",
    "goal government group idea impact implementation improvement individual initiative interest",
    "introduction issue key kind lack level limit line list lot majority manner matter means",
    "measure mechanism member method minister ministry minority model month nature need number",
    "objective opportunity option order organisation organization others outcome package page",
    "part people period person perspective place plan point policy position practice presumption",
    "principle priority problem procedure process programme progress project proposal provision",
    "public purpose quality question range reason recommendation reform relation report",
    "representative requirement response result right role rule scale scheme scope section sector",
    "sense series service set shift side situation society solution stage stakeholder state step",
    "strategy structure success support system task team term thing time tool total type use user",
    "value variety version view way whole work year",
    "annex appendix box chapter conclusion contents figure introduction study summary table",
)
#: Instruments of policy on any topic: a term that ends in one says how, not what.
INSTRUMENTS = _words(
    "agency bill board charter commission committee institution law legislation office",
    "panel paper regime review unit taskforce",
)
