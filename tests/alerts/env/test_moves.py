"""Blocks of variables, and that a block moves as one."""

from alerts.env.moves import Role, blocks_of, moves_of, of_another_trade, role_of, target_of

VALUES = {
    "ANTHROPIC_BASE_URL": "https://api.anthropic.com", "ANTHROPIC_AUTH_TOKEN": "x", "ANTHROPIC_MODEL": "claude-opus",
    "ANTHROPIC_SMALL_FAST_MODEL": "claude-haiku", "CLAUDE_CODE_SUBAGENT_MODEL": "claude-sonnet",
    "KIMI_BASE_URL": "https://api.moonshot.cn/anthropic", "KIMI_API_KEY": "y", "KIMI_MODEL": "kimi-k2",
    "KIMI_FAST_MODEL": "kimi-fast", "SECRET_KEY": "z", "OPENAI_API_KEY": "k"}


def test_roles() -> None:
    assert role_of("LLM_PROVIDER", "claude") is Role.SELECTOR
    assert role_of("AUTH_PROVIDER", "github") is None
    assert role_of("OPENAI_EMBEDDING_MODEL") is Role.EMBEDDING
    assert role_of("AWS_BEDROCK_LLM_MODEL_TOKEN_LIMIT") is None
    assert role_of("OPENAI_API_BASE") is Role.BASE
    assert role_of("ANTHROPIC_DEFAULT_OPUS_MODEL") is Role.MODEL
    assert role_of("ALLOW_LLM_FALLBACK", "false") is None
    assert role_of("ALLOW_LLM_FALLBACK", "gpt-5") is Role.MODEL
    assert of_another_trade("IMAGE_PROVIDER")
    assert of_another_trade("GOOGLE_CALLBACK")
    assert not of_another_trade("LLM_PROVIDER")


def test_a_databases_url_is_no_place_of_a_vendor() -> None:
    assert role_of("OPENAI_URL", "postgresql://db:5432/x") is None
    assert [role_of("OPENAI_URL", base) for base in ("", "http://a", "HTTPS://a", "${A}")] == [Role.BASE] * 4


def test_a_switch_names_no_model() -> None:
    assert {role_of("ALLOW_LLM_FALLBACK", value) for value in ("false", "${X:-True}", "1", "0.5")} == {None}
    assert role_of("LLM_FALLBACK", "gpt-4") is Role.MODEL


def test_a_block_moves_as_one_each_slot_to_its_like() -> None:
    ours, theirs, lone = blocks_of(VALUES)
    assert (ours.prefix, theirs.prefix, lone.prefix) == ("ANTHROPIC", "KIMI", "OPENAI")
    moves = moves_of(ours, VALUES, target_of(theirs, VALUES))
    assert moves.keys == {"ANTHROPIC_AUTH_TOKEN": "KIMI_API_KEY"}
    assert moves.values == {
        "ANTHROPIC_BASE_URL": "https://api.moonshot.cn/anthropic", "ANTHROPIC_MODEL": "kimi-k2",
        "ANTHROPIC_SMALL_FAST_MODEL": "kimi-fast", "CLAUDE_CODE_SUBAGENT_MODEL": "kimi-k2"}
    assert not moves.lacking


def test_what_the_target_does_not_say_is_lacking() -> None:
    ours, _, lone = blocks_of(VALUES)
    assert moves_of(ours, VALUES, target_of(lone, VALUES)).lacking == ("a base URL", "a model")
