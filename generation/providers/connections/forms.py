"""Forms of connections. Secrets are write-only: an empty field keeps the stored value."""

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.text import clean_text
from common.web.form_fields import set_choices
from generation.providers.connections import url_policy
from generation.providers.connections.services import has_new_host
from generation.providers.http import extra_headers
from generation.providers.registry import find_provider_of_key
from generation.providers.remote import FLAG_ON
from generation.providers.styles import NAMES

COLUMNS = ("base_url", "default_model", "default_style", "concurrency", "per_minute")
SECRET_LIMIT = 4000


class SecretField(forms.CharField):
    """Field for a key, which is masked while it is typed and never displayed again."""

    def __init__(self, **more):
        widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password", "spellcheck": "false"})
        super().__init__(required=False, max_length=SECRET_LIMIT, widget=widget, **more)

    def clean(self, value):
        key = super().clean(value).strip()
        if key and (not key.isprintable() or not key.isascii() or " " in key):
            raise forms.ValidationError(
                _("A key cannot contain spaces, line breaks or non-Latin characters. Copy it again.")
            )
        return key


class SecretLines(forms.Textarea):
    """Text area whose content is never rendered, not even when the form is shown again with errors."""

    def format_value(self, value):
        return ""


class ConnectionForm(forms.Form):
    """Form to add or change a connection.

    ``connection``: the connection to change, or None. ``mask``: its masked keys. ``owners``: (value, label) of possible
    owners of a new connection. ``workspaces``: where the connection may be used. ``allows_private``: whether private
    addresses are accepted, as they are from administrators.
    """

    label = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        required=False,
        help_text=gettext_lazy(
            "A name to tell this connection from others. Leave it empty to use the provider’s name."
        ),
    )
    base_url = forms.CharField(label=gettext_lazy("Address"), required=False, max_length=url_policy.MAX_LENGTH)
    headers = forms.CharField(
        label=gettext_lazy("Additional headers"),
        required=False,
        max_length=SECRET_LIMIT,
        widget=SecretLines(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("One per line, as “Name: value”. Stored like keys and not shown again."),
    )
    default_model = forms.ChoiceField(label=gettext_lazy("Default model"), required=False)
    default_style = forms.ChoiceField(label=gettext_lazy("Default style"), required=False)
    concurrency = forms.IntegerField(label=gettext_lazy("Concurrent clips"), required=False, min_value=1, max_value=200)
    per_minute = forms.IntegerField(
        label=gettext_lazy("Requests per minute"), required=False, min_value=1, max_value=6000
    )

    def __init__(
        self, data=None, *, engine, connection=None, mask=None, owners=(), workspaces=(), allows_private=False, **more
    ):
        self.engine, self.connection, self.allows_private = engine, connection, allows_private
        self.suggested = None  # the provider whose keys begin like the one that was entered
        self.mask = mask or {"keys": {}, "headers": []}
        super().__init__(data, initial=self._initial_values() | (more.pop("initial", None) or {}), **more)
        for key in engine.key_fields:
            self.fields[f"key_{key.name}"] = self._key_field(key)
        self._add_deletions()
        self._set_defaults(workspaces)
        if owners:
            self.fields["whose"] = forms.ChoiceField(label=_("Who can use it"), choices=owners, required=False)
        self.order_fields(["whose", "label", *(f"key_{key.name}" for key in engine.key_fields)])

    def _initial_values(self) -> dict:
        if self.connection is None:
            return {}
        facts = {f"key_{name}": value for name, value in self.connection.facts.items()}
        return facts | {name: getattr(self.connection, name) for name in ("label", *COLUMNS)}

    def _key_field(self, key) -> forms.Field:
        hints = [str(key.hint)] if key.hint else []
        if key.is_flag:
            return forms.BooleanField(label=key.label, required=False, help_text=" ".join(hints))
        if not key.is_secret:
            return forms.CharField(label=key.label, required=False, max_length=300, help_text=" ".join(hints))
        if shown := self.mask["keys"].get(key.name):
            hints.append(
                _("Saved: %(mask)s. Leave empty to keep it, or enter a new one to replace it.") % {"mask": shown}
            )
        return SecretField(label=key.label, help_text=escape(" ".join(hints)))

    def _add_deletions(self) -> None:
        optional = [key for key in self.engine.key_fields if key.is_secret and not key.is_required]
        for key in optional:
            if key.name in self.mask["keys"]:
                label = _("Delete: %(name)s") % {"name": key.label}
                self.fields[f"forget_{key.name}"] = forms.BooleanField(label=label, required=False)
        if names := self.mask["headers"]:
            text = _("Saved: %(names)s. Leave empty to keep them.") % {"names": ", ".join(names)}
            self.fields["headers"].help_text = escape(text)  # the admin renders help texts as HTML
            self.fields["forget_headers"] = forms.BooleanField(label=_("Delete the headers"), required=False)

    def _set_defaults(self, workspaces) -> None:
        base, traits = self.engine.base_url, self.engine.traits
        self.fields["base_url"].required = not base
        self.fields["base_url"].widget.attrs |= {"placeholder": base or "https://", "inputmode": "url"}
        if self.engine.is_usually_private:
            self.fields["base_url"].help_text = _(
                "This server usually runs in your own network. The administrator must allow such an address first."
            )
        for name, value in (("concurrency", traits.concurrency), ("per_minute", traits.per_minute)):
            self.fields[name].widget.attrs["placeholder"] = str(value)
        set_choices(self, "default_model", [("", _("First in the list")), *self._model_choices(workspaces)])
        set_choices(self, "default_style", [("", _("The studio’s default")), *NAMES.items()])

    def _model_choices(self, workspaces) -> list[tuple]:
        """Return (model, label) of the models of any of the workspaces.

        In a workspace without the chosen model, Create starts with the first one.
        """
        models = {
            capability.model: capability
            for workspace in (None, *workspaces)
            for capability in self.engine.capabilities_in(workspace)
        }
        return [(name, capability.label) for name, capability in models.items() if not capability.is_retired]

    def clean_label(self):
        return " ".join(clean_text(self.cleaned_data["label"]).split()) or str(self.engine.label)

    def clean_base_url(self):
        return self._check_address(self.cleaned_data["base_url"], default=self.engine.base_url)

    def _check_address(self, text: str, default: str = "") -> str:
        """Return the address, or "" if it is the default. Raises ValidationError for an address that is not allowed."""
        if not text or text.rstrip("/") == default:
            return ""
        try:
            return url_policy.check_address(text, allows_private=self.allows_private or self._is_already_allowed(text))
        except url_policy.BadAddress as error:
            raise forms.ValidationError(str(error)) from None

    def _is_already_allowed(self, text: str) -> bool:
        """Return whether a private address was allowed for this connection, and the host is still the same."""
        if self.connection is None or not self.connection.allows_private:
            return False
        return url_policy.parse_origin(text) == url_policy.parse_origin(self.connection.base_url)

    def clean_headers(self):
        try:
            return extra_headers.parse_headers(self.cleaned_data["headers"].splitlines())
        except extra_headers.TooManyHeaders:
            raise forms.ValidationError(_("At most %(n)d headers.") % {"n": extra_headers.MAX_HEADERS}) from None
        except ValueError:
            message = _("Enter each header as “Name: value”. Headers that HTTP itself uses are not allowed.")
            raise forms.ValidationError(message) from None

    def clean(self):
        super().clean()
        values = self.cleaned_data
        for key in self.engine.key_fields:
            if not (key.is_secret or key.is_flag) and f"key_{key.name}" not in self.errors:
                self._check_fact(key, f"key_{key.name}", values[f"key_{key.name}"])
        if not self.errors:
            self._check_secrets(
                values, has_moved=self.connection is not None and has_new_host(self.connection, self.columns())
            )
        return values

    def _check_secrets(self, values: dict, *, has_moved: bool) -> None:
        """Add errors for missing keys, and for stored ones if the host changed, which deletes them."""
        message = _("The address has changed, so enter this again. It is only sent to the address it was entered for.")
        self._check_prefixes(values)
        if self.errors:
            return
        for key in self.engine.key_fields:
            if not key.is_secret or values[f"key_{key.name}"] or values.get(f"forget_{key.name}"):
                continue
            if key.name not in self.mask["keys"] and key.is_required:
                self.add_error(f"key_{key.name}", _("Paste it here."))
            elif key.name in self.mask["keys"] and has_moved:
                self.add_error(f"key_{key.name}", message)
        if not self.errors and self.engine.base_url and not self._has_some_key(values):
            self.add_error(f"key_{self.engine.key_fields[0].name}", _("Paste it here."))
        if has_moved and self.mask["headers"] and not (values["headers"] or values["forget_headers"]):
            self.add_error("headers", message)

    def _check_prefixes(self, values: dict) -> None:
        """Add an error for a key that begins like those of another provider, and suggest that provider. A server at an
        address of the user's own may have any keys."""
        if values["base_url"] or not self.engine.base_url:
            return
        for key in self.engine.key_fields:
            found = find_provider_of_key(values[f"key_{key.name}"]) if key.is_secret else None
            if found and found.slug != self.engine.slug:
                self.suggested = found
                message = _("This looks like a key of %(provider)s, not of %(name)s. Check which one you copied.")
                self.add_error(f"key_{key.name}", message % {"provider": found.label, "name": self.engine.label})

    def _has_some_key(self, values: dict) -> bool:
        """Return whether any key is entered or stored. Public services need one, even if every single field is
        optional.
        """
        names = [key.name for key in self.engine.key_fields if key.is_secret]
        kept = [name for name in names if name in self.mask["keys"] and not values.get(f"forget_{name}")]
        return not names or bool(kept) or any(values[f"key_{name}"] for name in names)

    def _check_fact(self, key, name: str, value: str) -> None:
        try:
            value = clean_text(value)
            self.cleaned_data[name] = self._check_address(value) if key.is_address or "://" in value else value
            if key.is_header and value and not extra_headers.is_name(value):
                raise forms.ValidationError(
                    _("Enter only the name of a header. Headers that HTTP itself uses are not allowed.")
                )
        except forms.ValidationError as error:
            self.add_error(name, error)
        if key.is_required and not value:
            self.add_error(name, _("Enter a value."))

    def has_more_errors(self) -> bool:
        """Return whether one of the collapsed fields has an error."""
        return any(name in self.errors for name in (*COLUMNS, "headers"))

    def columns(self) -> dict:
        """Return the columns of the row that are not secret."""
        plain = {key.name: key for key in self.engine.key_fields if not key.is_secret}
        given = {
            name: FLAG_ON if key.is_flag else value
            for name, key in plain.items()
            if (value := self.cleaned_data[f"key_{name}"])
        }
        kept = {
            name: value
            for name, value in (self.connection.facts if self.connection else {}).items()
            if name not in plain
        }
        return {name: self.cleaned_data[name] for name in ("label", *COLUMNS)} | {"facts": kept | given}

    def secret(self) -> dict:
        """Return ``{"keys": …, "headers": …}`` as entered."""
        keys = {key.name: self.cleaned_data[f"key_{key.name}"] for key in self.engine.key_fields if key.is_secret}
        return {"keys": {name: value for name, value in keys.items() if value}, "headers": self.cleaned_data["headers"]}

    def has_new_key(self) -> bool:
        """Return whether a key was entered, or an address or another detail that the key works with was changed."""
        return bool(self.secret()["keys"]) or any(
            name == "base_url" or name.startswith("key_") for name in self.changed_data
        )

    def forgotten(self) -> list[str]:
        """Return the names of the key fields to delete."""
        checked = [name for name in self.fields if name.startswith("forget_") and self.cleaned_data[name]]
        return [name.removeprefix("forget_") for name in checked]


class OrderForm(forms.Form):
    """Form for the failover order: the position of each connection, or none if it is never used."""

    def __init__(self, data=None, *, connections, **more):
        super().__init__(data, **more)
        self.connections = connections
        positions = [("", _("never")), *((str(n), str(n)) for n in range(1, len(connections) + 1))]
        for connection in connections:
            self.fields[f"place_{connection.pk}"] = forms.ChoiceField(
                label=connection.label,
                choices=positions,
                required=False,
                initial=str(connection.failover_position or ""),
            )

    def clean(self):
        super().clean()
        values = self.cleaned_data
        taken = [position for position in values.values() if position]
        if len(taken) != len(set(taken)):
            raise forms.ValidationError(_("Two connections have the same position. Give each its own."))
        return values

    def order(self) -> list:
        """Return the ids of the connections that have a position, in that order."""
        positions = {row.pk: self.cleaned_data[f"place_{row.pk}"] for row in self.connections}
        return sorted((pk for pk, position in positions.items() if position), key=lambda pk: int(positions[pk]))
