"""Templates to begin with, each with the content type it is meant for."""

from typing import NamedTuple


class Starter(NamedTuple):
    """A ready template; an empty one stands for the envelope without a template."""

    name: str
    does: str
    content_type: str
    template: str


STARTERS = (
    Starter(
        "No template",
        "The JSON envelope: id, type, created_at, workspace, data.",
        "application/json",
        "",
    ),
    Starter(
        "Envelope",
        "The same envelope, to be changed.",
        "application/json",
        """\
{
  "id": {{ event.id | tojson }},
  "type": {{ event.type | tojson }},
  "created_at": {{ event.created_at | tojson }},
  "workspace": {{ workspace | tojson }},
  "data": {{ data | tojson }}
}
""",
    ),
    Starter(
        "Chat message",
        "One text, as Slack, Mattermost and Teams take it.",
        "application/json",
        """\
{% set title = "*" ~ event.type ~ "* in " ~ workspace -%}
{
  "text": {{ (title ~ "\\n" ~ data | tojson) | tojson }}
}
""",
    ),
    Starter(
        "Form",
        "Fields as a web form sends them.",
        "application/x-www-form-urlencoded",
        "event={{ event.type | urlencode }}&id={{ event.id | urlencode }}"
        "&payload={{ data | tojson | urlencode }}",
    ),
    Starter(
        "Plain text",
        "A line for people and for logs.",
        "text/plain",
        "{{ event.created_at }} {{ event.type }} {{ data | tojson }}\n",
    ),
    Starter(
        "XML",
        "An element for each value of the data.",
        "application/xml",
        """\
<?xml version="1.0" encoding="UTF-8"?>
<event id="{{ event.id | e }}" type="{{ event.type | e }}">
{%- for name, value in data.items() %}
  <field name="{{ name | e }}">{{ value | tojson | e }}</field>
{%- endfor %}
</event>
""",
    ),
)
