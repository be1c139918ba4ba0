"""Recognising what must never be in a return: names, e-mail, telephone and insurance numbers.

The rules err towards privacy: a cell that looks personal is refused, and the officer is asked
for a code instead. Which cells are looked at how strictly depends on what the column is for:

``person``
    a staff code; anything made of words is refused.
``place``
    a code of a team or building; words are allowed if they say what kind of team or place it is.
``text``
    anything else; a first name must be followed or preceded by another capitalised word.
"""

from typing import Literal

import polars as pl

Strictness = Literal["person", "place", "text"]
Personal = Literal["name", "email", "phone", "ni_number"]

PERSONAL_WORDS: dict[Personal, str] = {
    "name": "the name of a person",
    "email": "an e-mail address",
    "phone": "a telephone number",
    "ni_number": "a National Insurance number",
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A short code with up to nine digits cannot be any of the four; most staff codes stop here.
PLAIN_CODE = r"^[A-Za-z]{0,3}[-_/.]?[0-9]{1,9}$"
# A measurement: its digits after the point are no telephone number. A leading nought but for the
# one before the point is not how a measurement is written.
_MEASUREMENT = r"^[-+]?(?:0|[1-9][0-9]{0,8})\.[0-9]+(?:[eE][-+]?[0-9]{1,3})?$"

_FIRST_NAMES = _words(
    "aaron abdul abigail adam adele ahmed aisha alan alex alexander alexandra ali alice alison "
    "amanda amelia amina amy andrea andrew angela anita ann anna anne annette anthony antonia "
    "arthur ashley barbara barry beatrice becky ben benjamin bernadette beth bethany beverley "
    "brenda brian bridget caitlin callum cameron carl carol caroline catherine cathy charles "
    "charlotte cheryl chloe chris christian christina christine christopher claire clare colin "
    "connor craig cynthia daniel danielle darren david dawn deborah debbie denise dennis derek "
    "diana diane dominic donna dorothy douglas duncan edward eileen elaine eleanor elizabeth ella "
    "ellen emily emma eric erin esther eva evelyn fatima fiona frances francesca frank gareth "
    "gary gavin gemma geoffrey george georgina gerald gillian gordon graham grant greg gregory "
    "hannah harriet harry hassan hayley hazel heather helen henry howard hugh hussain ian ibrahim "
    "imran irene isabel isabella jack jacqueline jade james jamie jan jane janet janice jason "
    "jasmine jayne jean jeffrey jennifer jenny jeremy jessica jill jim joan joanna joanne joe "
    "john jonathan joseph joshua joyce judith julia julian julie june justin karen karl kate "
    "katherine kathleen kathryn katie katy keith kelly kenneth kerry kevin khadija kieran kim "
    "kimberley kirsty kyle laura lauren lawrence leah leanne lee leigh leon leonard lesley leslie "
    "lewis liam linda lindsay lisa lorraine louis louise lucy luke lydia lynn lynne malcolm "
    "margaret maria marie marilyn marion mark martin martyn mary maryam matthew maureen maxine "
    "megan melanie melissa michael michelle mohammad mohammed molly monica muhammad nadia naomi "
    "natalie natasha nathan neil nicholas nicola nicole nigel nina norman oliver olivia omar "
    "oscar pamela patricia patrick paul paula pauline penelope peter philip phillip phoebe "
    "priya rachael rachel ralph raymond rebecca richard robert robin roger ronald rosemary ross "
    "roy russell ruth ryan sally samantha samuel sandra sara sarah scott sean shannon sharon "
    "shaun sheila shirley simon sophia sophie stacey stephanie stephen steve steven stewart "
    "stuart susan suzanne sylvia tanya tara teresa terence theresa thomas tim timothy tina toby "
    "tom tony tracey tracy trevor valerie vanessa veronica vincent vivien wayne wendy william "
    "yasmin yusuf yvonne zainab zara zoe"
)

_PLACE_WORDS = _words(
    "team teams duty north south east west northern southern eastern western central locality "
    "area district assessment family families children childrens child safeguarding "
    "protection looked after care leavers leaving fostering adoption disability disabilities "
    "intake referral access front door hub mash unit service services support intervention court "
    "proceedings permanence youth young people adolescent edge early help response out of hours "
    "emergency house office offices centre center court road street lane lodge place building "
    "park hall block floor suite town city county civic borough council head main site base quay "
    "mill school health hospital community first second third agency pool bank other unknown none "
    "academy st saint practice pod cluster group section division directorate short breaks "
    "long term"
)

_EMAIL = r"[^\s@]@[^\s@]"
_NI = r"(?i)(?:^|[^a-z0-9])[a-z]{2}(?:[\s-]?[0-9]){6}[\s-]?[a-d](?:$|[^a-z0-9])"
_PHONE = (
    r"(?:^|[^0-9A-Za-z])(?:(?:\+|00)[\s.-]?[1-9]|0[\s.()-]*[1-357-9])"
    r"(?:[\s.()-]*[0-9]){8,13}(?:$|[^0-9])"
    r"|^44[1-9][0-9]{8,9}$|^7[0-9]{9}$"
)
_TITLE = r"(?i)(?:^|[^\p{L}])(?:mr|mrs|ms|miss|mx|dr|prof)\.?\s+\p{L}"
_LETTERS = r"[\p{L}\p{M}'’`-]"
_PERSON = (
    rf"^{_LETTERS}+\.?(?:[\s,.]+{_LETTERS}+\.?)+$"  # two or more words and nothing else
    r"|^\p{Lu}\p{M}*(?:['’]\p{Lu})?\p{Ll}[\p{L}\p{M}'’-]+$"  # one capitalised word
    r"|^[\p{Ll}\p{Lo}][\p{L}\p{M}'’-]{3,}$"  # one lower-case word, or one in another script
    r"|^\p{L}+[._]\p{L}{2,}[0-9]*$"  # as in the first half of an e-mail address
    rf"|\p{{Lu}}\p{{Ll}}+[\s,]+\p{{Lu}}{_LETTERS}*\p{{Ll}}"  # two capitalised words among others
)
_NAME_THEN_FIGURES = rf"^{_LETTERS}+[0-9]*$"
_WORDS_ONLY = rf"^{_LETTERS}+\.?(?:[\s,.&]+{_LETTERS}+\.?)+$"
_TWO_WORDS = rf"^{_LETTERS}+(?:[\s,]+{_LETTERS}+)?$"
_CAPITALISED_PAIR = rf"\p{{Lu}}{_LETTERS}+[\s,]+\p{{Lu}}{_LETTERS}+"
_SAINT = r"(?i)(?:^|[^\p{L}])(?:st|saint)\.?\s+\p{L}+"


def classify_personal(values: pl.Series, strictness: Strictness) -> pl.Series:
    """Say what kind of personal value each text looks like; null where it looks like none.

    Parameters
    ----------
    values
        Text, stripped of surrounding space; null stays null.
    strictness
        What the column is for; see the module's description.

    Returns
    -------
    String series aligned with ``values``: ``name``, ``email``, ``phone``, ``ni_number`` or null.

    Examples
    --------
    >>> values = pl.Series(["S0042", "QQ 12 34 56 C", "07700 900123", "North Team"])
    >>> classify_personal(values, "place").to_list()
    [None, 'ni_number', 'phone', None]
    """
    if values.is_empty():
        return pl.Series("kind", [], dtype=pl.String)
    text = pl.col("value")
    kind = (
        pl.when(text.str.contains(_EMAIL)).then(pl.lit("email"))
        .when(text.str.contains(_NI)).then(pl.lit("ni_number"))
        .when(text.str.contains(_PHONE)).then(pl.lit("phone"))
        .when(_is_name(text, strictness)).then(pl.lit("name"))
    )  # fmt: skip
    return values.to_frame("value").select(kind.alias("kind"))["kind"].cast(pl.String)


def _is_name(text: pl.Expr, strictness: Strictness) -> pl.Expr:
    titled = text.str.contains(_TITLE)
    if strictness == "person":
        numbered = text.str.contains(_NAME_THEN_FIGURES) & _has_word(text, _FIRST_NAMES)
        return titled | numbered | text.str.contains(_PERSON)
    if strictness == "place":
        words = text.str.contains(_WORDS_ONLY) & ~_has_word(text, _PLACE_WORDS)
        without_saints = text.str.replace_all(_SAINT, " ")
        return titled | words | _has_word(without_saints, _FIRST_NAMES)
    named = text.str.contains(_TWO_WORDS) | text.str.contains(_CAPITALISED_PAIR)
    return titled | (named & _has_word(text, _FIRST_NAMES))


def _has_word(text: pl.Expr, words: frozenset[str]) -> pl.Expr:
    """Whether any word of the text, whatever its case, is one of these."""
    tokens = text.str.to_lowercase().str.extract_all(r"\p{L}+")
    return tokens.list.eval(pl.element().is_in(sorted(words))).list.any()


def find_suspects(values: pl.Series) -> pl.Series:
    """Return the distinct texts that are neither plain short codes nor measurements, without nulls.

    Nearly every cell of a good return is a plain code, so the costly rules see few values.

    Examples
    --------
    >>> find_suspects(pl.Series(["S1", "S2", "98.0134567890", "Ann Lee", None])).to_list()
    ['Ann Lee']
    """
    plain = values.str.contains(PLAIN_CODE) | values.str.contains(_MEASUREMENT)
    return values.filter(~plain).drop_nulls().unique(maintain_order=True)
