import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import write_endpoint

TEXT = """\
# The demo plant. Do not edit the ports: they are chosen at start.
[plant]
endpoint = "not a source's"

[[sources]]
id = "opc"          # asyncua
driver = "opcua"
  "endpoint"   = "opc.tcp://127.0.0.1:4840"   # "chosen" at start
security = "none"

[sources.extra]
endpoint = "nor this"

[[ sources ]] # modbus
endpoint = 'tcp://127.0.0.1:502'
id = "modbus"
"""


def test_only_the_one_endpoint_changes_and_every_comment_stays():
    changed = write_endpoint(TEXT, "opc", "opc.tcp://127.0.0.1:53021")
    assert changed == TEXT.replace("opc.tcp://127.0.0.1:4840", "opc.tcp://127.0.0.1:53021")


def test_single_quotes_and_an_id_below_the_endpoint_are_understood():
    changed = write_endpoint(TEXT, "modbus", "tcp://127.0.0.1:9")
    assert changed == TEXT.replace("'tcp://127.0.0.1:502'", '"tcp://127.0.0.1:9"')


def test_windows_line_ends_stay():
    windows = TEXT.replace("\n", "\r\n")
    changed = write_endpoint(windows, "modbus", "tcp://127.0.0.1:9")
    assert changed == windows.replace("'tcp://127.0.0.1:502'", '"tcp://127.0.0.1:9"')


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x7f")))
def test_any_endpoint_is_read_back_as_it_was_written(endpoint: str):
    changed = tomllib.loads(write_endpoint(TEXT, "opc", endpoint))
    expected = tomllib.loads(TEXT)
    expected["sources"][0]["endpoint"] = endpoint
    assert changed == expected


def test_an_unknown_source_is_told():
    with pytest.raises(ValueError, match='^plant.toml has no source "plc9"$'):
        write_endpoint(TEXT, "plc9", "x")


def test_text_that_is_not_toml_is_told():
    with pytest.raises(ValueError, match="^plant.toml is not valid TOML: "):
        write_endpoint("[[sources]]\nid = opc\n", "opc", "x")


@pytest.mark.parametrize(
    "text",
    [
        '[[sources]]\nid = "opc"\n',
        '[[sources]]\nid = "opc"\nendpoint = 7\n',
        '[[sources]]\nid = "opc"\nendpoint = """\nx"""\n',
        'sources = [{ id = "opc", endpoint = "x" }]\n',
        'note = """\n[[sources]]\nendpoint = "x"\n"""\n[[sources]]\nendpoint = "x"\nid = "opc"\n',
    ],
)
def test_a_layout_it_cannot_replace_safely_is_refused_rather_than_damaged(text: str):
    with pytest.raises(ValueError, match='the endpoint of source "opc" cannot be replaced: write it as'):
        write_endpoint(text, "opc", "new")
