"""The letters trial with a questionnaire of its own at endline: every way of answering."""

from lighttouch.core.protocol.library import library_text

OWN = """
[[instruments]]
id = "letter_read"
name = "Reading the letter"
preamble = "Some people were sent a letter at work."
response = { kind = "single_choice", options = ["All of it", "Part of it", "No"], other_option = "Other" }
items = [{ id = "letter_read_1", text = "Did you read the letter?" }]

[[instruments]]
id = "thanked"
name = "Being thanked"
stem = "In the past four weeks."
response = { kind = "integer_scale", min = 0, max = 10, anchors = [{ value = 0, label = "Never" }, { value = 10, label = "Always" }] }
items = [
  { id = "thanked_1", text = "I was thanked for my work." },
  { id = "thanked_2", text = "My work went unnoticed.", reversed = true },
]
score = "sum"
higher_means = "thanked more"

[[instruments]]
id = "thanks_by"
name = "Who said thank you"
response = { kind = "multi_choice", options = ["My manager", "A colleague"], other_option = "Somebody else" }
items = [{ id = "thanks_by_1", text = "Who thanked you?" }]

[[instruments]]
id = "visits"
name = "Visits"
response = { kind = "count", min = 0, unit = "a week" }
items = [{ id = "visits_1", text = "How many visits do you make?" }]
score = "single_item"

[[instruments]]
id = "travel"
name = "Travel"
response = { kind = "number", min = 0 }
items = [{ id = "travel_1", text = "How many hours a week do you travel?" }]

[[instruments]]
id = "own_words"
name = "Own words"
response = { kind = "free_text" }
items = [{ id = "own_words_1", text = "What would make work better?" }]

[[questionnaires]]
id = "letters_ours"
title = "How work is"
minutes = 4
entries = [
  { instrument = "life_happiness" },
  { instrument = "thanked", waves = ["endline"] },
  { instrument = "letter_read", arms = ["letter"] },
  { instrument = "thanks_by" },
  { instrument = "visits" },
  { instrument = "travel" },
  { instrument = "own_words" },
  { instrument = "cantril_ladder" },
  { instrument = "affect_six" },
  { instrument = "turnover_intentions" },
  { instrument = "job_satisfaction" },
  { instrument = "burnout" },
  { instrument = "intrinsic_prosocial_motivation" },
  { instrument = "affective_commitment" },
  { instrument = "perceived_org_support" },
  { instrument = "prosocial_impact" },
  { instrument = "perceived_social_worth" },
]

[privacy]
smallest_cell = 10
"""  # noqa: E501 - a table in one line is one line

OUTCOME = """
[[outcomes]]
id = "thanked"
label = "Being thanked"
role = "exploratory"
wave = "endline"
derive = { from = "instrument", instrument = "thanked" }
unit = "points"
"""


def letters_asking(own: str = OWN, outcome: str = OUTCOME, text: str = "") -> str:
    """Return the trial file of letters that asks its own questionnaire at endline."""
    text = text or library_text("letters")
    before, after = text.split('label = "Endline, two months after launch"')
    after = after.replace('questionnaire = "letters"', 'questionnaire = "letters_ours"', 1)
    text = f'{before}label = "Endline, two months after launch"{after}'
    return f"{text}\n{own}\n{outcome}"
