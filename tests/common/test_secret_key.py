"""The secret that the site makes for itself."""

import secrets

from config import env


def test_processes_that_start_together_read_one_whole_secret(tmp_path, monkeypatch):
    path = tmp_path / "var" / "secret_key"
    read_by_other = []
    make = secrets.token_urlsafe

    def make_while_another_process_starts(size):
        monkeypatch.setattr(secrets, "token_urlsafe", make)
        read_by_other.append(env.secret("A_SECRET", keep_in=path))
        return make(size)

    monkeypatch.setattr(secrets, "token_urlsafe", make_while_another_process_starts)

    secret = env.secret("A_SECRET", keep_in=path)

    assert [secret] == read_by_other
    assert len(secret) >= 50
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
