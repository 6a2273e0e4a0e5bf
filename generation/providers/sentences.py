"""Sentences about refusals and failures of providers, by fault or by the code of an adapter."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

FAULTS = {
    "auth": _("%(provider)s rejected the key of this connection. Check it under Connections."),
    "quota": _("The account at %(provider)s has no credit or quota left. Top it up there, then try again."),
    "invalid_input": _("%(provider)s cannot process this request. Change the setting it names and try again."),
    "moderation": _("%(provider)s rejected the prompt under its rules. Change the prompt."),
    "transient": _("%(provider)s is busy. The studio retries automatically."),
    "provider_fault": _("%(provider)s started and then failed. A retry is a new request there."),
    "unknown_outcome": _("%(provider)s did not respond. The studio keeps checking."),
    "lost": _("%(provider)s no longer has the task or its video."),
}
"""By the value of errors.Fault."""
MODERATED = {
    "picture": _(
        "%(provider)s rejected the prompt or the image under its rules. Change the prompt, or use another image."
    ),
    "video": _(
        "%(provider)s rejected the prompt or the video under its rules. Change the prompt, or use another video."
    ),
}
"""Instead of the fault "moderation", by what was sent besides the prompt."""
HEALTH = {
    "not_sent": _("Couldn’t reach %(provider)s at its address."),
    "no_answer": _("%(provider)s did not respond. Try again later."),
    "busy": _("%(provider)s is busy or unavailable. Try again later."),
    "elsewhere": _("The server at this address does not respond like %(provider)s. Check the address."),
}
"""By the code in Connection.last_error, if it is not a fault."""
INPUT = {
    "prompt_too_long": _(
        "%(model)s accepts at most %(n)s characters; with the text of the style, this prompt has %(m)s."
    ),
    "pictures_too_large": _("These images together are too large for one request to %(model)s. Use smaller files."),
    "picture_unreadable": _("The image is damaged and cannot be read. Save it again and try once more."),
    "ratio_unsupported": _("%(model)s doesn’t support %(ratio)s."),
    "lengths": _("%(model)s supports %(least)s to %(most)s seconds."),
    "framed_lengths": _("%(model)s supports at most %(most)s seconds with a first and a last frame."),
    "length_unsupported": _("%(model)s doesn’t support %(seconds)s seconds at %(lines)sp."),
    "resolution_unsupported": _("%(model)s doesn’t support %(lines)sp."),
    "prompt_limit": _("%(model)s accepts at most %(n)s characters."),
    "negative_prompt_limit": _("%(model)s accepts negative prompts of at most %(n)s characters. Shorten it."),
    "model_retired": _("%(model)s was retired by its maker. Choose another model."),
    "mode_unsupported": _("%(model)s doesn’t support this input."),
    "negative_prompt_unsupported": _("%(model)s doesn’t support negative prompts."),
    "model_unavailable": _("%(model)s is no longer available here. Choose another model."),
    "size_unsupported": _("%(model)s doesn’t support %(ratio)s at %(lines)sp."),
    "no_public_address": _(
        "%(provider)s downloads images itself, and this one has no public address: the studio needs a public "
        "https address, and the last frame of another clip has none. Start from text or from an uploaded image."
    ),
    "picture_too_large": _("%(model)s accepts images of at most %(n)s MB. Save a smaller file."),
    "picture_kind": _(
        "%(model)s accepts only %(kinds)s images and downloads this one as it is. Save it in one of these formats."
    ),
    "picture_too_small": _("%(model)s needs images whose shorter side is at least %(n)s pixels."),
    "picture_too_long": _(
        "%(model)s accepts images whose longer side is at most %(n)s pixels. Make the image smaller."
    ),
    "picture_shape": _(
        "%(model)s accepts images whose longer side is at most %(n)s times the shorter side. Crop the image."
    ),
}
REPLICATE = {
    "replicate_one_reference": _("This model supports only one reference image. Remove the others."),
    "replicate_one_resolution": _("This model supports only one resolution. Choose %(lines)sp."),
    "replicate_no_input": _("This model doesn’t support “%(input)s”. Remove it, or choose another model."),
    "replicate_value": _("This model doesn’t accept %(value)s for “%(input)s”. Choose another value."),
}
GEMINI = {
    "gemini_callback": _("Google rejected the callback address of this request. Nothing was charged."),
    "gemini_background": _("Google doesn’t run this model in the background. Choose another model."),
}
COMFYUI = {
    "comfyui_no_node": _("This ComfyUI has no node “%(node)s”. Install it there, then try again."),
    "comfyui_no_model": ngettext_lazy(
        "This ComfyUI has no file %(files)s. Put it into its models folder, then try again.",
        "This ComfyUI has no files %(files)s. Put them into its models folder, then try again.",
        "n",
    ),
    "comfyui_no_input": ngettext_lazy(
        "This ComfyUI has no input file %(files)s. Put it into its input folder, then try again.",
        "This ComfyUI has no input files %(files)s. Put them into its input folder, then try again.",
        "n",
    ),
    "comfyui_value": _("“%(input)s” of “%(node)s” does not accept “%(value)s”."),
    "comfyui_node": _("The node “%(node)s” rejected its input: %(text)s."),
    "comfyui_no_video": _(
        "The workflow finished without a video. It must save an MP4 or WebM, as the node “Save Video” does."
    ),
    "comfyui_memory": _(
        "The graphics card ran out of memory at “%(node)s”. Choose a lower resolution or a shorter length."
    ),
    "comfyui_stopped": _("The workflow stopped at “%(node)s”: %(text)s."),
    "workflow_no_input": _("The workflow has no input for “%(slot)s”. Choose another workflow."),
    "workflow_references": ngettext_lazy(
        "The workflow takes %(n)s reference image.", "The workflow takes %(n)s reference images.", "n"
    ),
    "workflow_gone": _("This workflow no longer exists. Choose another."),
}
SENTENCES = {
    **{f"fault_{fault}": sentence for fault, sentence in FAULTS.items()},
    **{f"moderated_{sent}": sentence for sent, sentence in MODERATED.items()},
    **{f"health_{code}": sentence for code, sentence in HEALTH.items()},
    **INPUT,
    **REPLICATE,
    **GEMINI,
    **COMFYUI,
    "response_too_long": _("The response was longer than allowed."),
    "connection_gone": _("This connection no longer exists."),
}
