"""Somebody presses Ctrl-C."""

import pytest
import typer

from lighttouch.cli import main


def test_an_interrupted_command_says_so_and_exits_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer(rich_markup_mode=None)

    @app.command()
    def work() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "app", app)
    monkeypatch.setattr("sys.argv", ["lighttouch"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == main.INTERRUPTED_EXIT
    assert capsys.readouterr().err == "Interrupted. Nothing unfinished was kept.\n"
