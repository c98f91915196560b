"""What the doctor says of who could reach the app and a served run."""

import pytest

from core.server.reach import configured, reach_of

HERE = {"address": "127.0.0.1", "port": 8501}
TOKEN, KEY = "correct horse battery", "a key that nobody may read"


def test_as_the_app_comes_only_this_computer_reaches_it():
    finding = reach_of(HERE, {})
    assert finding.ok
    assert "Only this computer reaches it. It asks for no token" in finding.words
    assert "ESPALIER_KEY sets none" in finding.words
    assert finding.values == {
        "app": {**HERE, "this_computer_only": True, "names": [], "token": False},
        "serve": {"address": "127.0.0.1", "port": 8600, "this_computer_only": True, "names": [], "key": False},
    }


def test_neither_the_token_nor_the_key_is_told():
    finding = reach_of(HERE, {"ESPALIER_TOKEN": TOKEN, "ESPALIER_KEY": KEY})
    assert finding.ok
    assert (finding.values["app"]["token"], finding.values["serve"]["key"]) == (True, True)
    assert "asks whoever opens it for the token" in finding.words
    assert "ESPALIER_KEY sets one" in finding.words
    assert not [secret for secret in (TOKEN, KEY) if secret in str(finding.to_json())]


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.5", "box.example", None, ""])
def test_an_address_that_others_reach_is_warned_of(address):
    finding = reach_of({**HERE, "address": address}, {})
    assert not finding.ok
    assert "Everybody in the network can reach your photos there" in finding.words
    assert "Only this computer" not in finding.words
    with_token = reach_of({**HERE, "address": address}, {"ESPALIER_TOKEN": TOKEN})
    assert not with_token.ok
    assert "Whoever knows its token in the network" in with_token.words


@pytest.mark.parametrize("address", ["localhost", "127.0.0.2", "::1"])
def test_every_address_of_this_computer_alone_is_well(address):
    assert reach_of({"address": address}, {}).ok


def test_names_are_told_and_any_name_is_warned_of():
    assert "this computer's own names, to box.example." in reach_of({**HERE, "allowedHosts": ["box.example"]}, {}).words
    finding = reach_of({**HERE, "allowedHosts": ["*"]}, {})
    assert not finding.ok
    assert "a web page from elsewhere can pass for the app" in finding.words


def test_a_token_with_which_the_app_would_not_start_is_told():
    assert "shorter than 12 characters" in reach_of(HERE, {"ESPALIER_TOKEN": "short"}).words


def test_the_settings_are_those_in_force(offline_environment, tmp_path):
    own = tmp_path / ".streamlit"
    own.mkdir()
    (own / "config.toml").write_text('[server]\naddress = "0.0.0.0"\nport = 8511\n')  # the app's own file comes later
    environment = {
        **offline_environment,
        "HOME": str(tmp_path),
        "STREAMLIT_SERVER_ALLOWED_HOSTS": "a.example b.example",
    }
    settings = configured(environment)
    assert (settings["address"], settings["port"]) == ("127.0.0.1", 8511)
    assert settings["allowedHosts"] == ["a.example", "b.example"]
