"""The keys that LiteLLM 1.106.2 knows, as far as a misspelt or misplaced one does harm in silence. Pure: names only."""

from typing import Final

TOP: Final = frozenset({
    "model_list", "litellm_settings", "router_settings", "general_settings", "environment_variables", "include",
    "credential_list", "guardrails", "mcp_servers", "mcp_tools", "prompts", "search_tools", "vector_store_registry",
    "files_settings", "finetune_settings", "assistant_settings", "callback_settings", "default_vertex_config",
    "pass_through_endpoints", "policies", "policy_attachments", "agents", "agent_list", "plugins", "worker_registry",
    "sandbox_tools", "mcp_aliases", "mcp_settings", "mcp_semantic_tool_filter",
})
INTEGERS: Final = frozenset({"num_retries", "allowed_fails", "max_fallbacks", "default_max_parallel_requests"})
NUMBERS: Final = frozenset({"cooldown_time", "timeout", "stream_timeout", "retry_after", "request_timeout"})
ROUTER: Final = INTEGERS | (NUMBERS - {"request_timeout"}) | {
    "fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "default_fallbacks", "model_group_alias",
    "routing_strategy", "routing_strategy_args", "routing_groups", "enable_pre_call_checks", "optional_pre_call_checks",
    "enable_tag_filtering", "tag_filtering_match_any", "tag_routing_prefix", "retry_policy", "model_group_retry_policy",
    "allowed_fails_policy", "disable_cooldowns", "redis_url", "redis_host", "redis_port", "redis_password", "redis_db",
    "redis_ssl", "cache_responses", "cache_kwargs", "caching_groups", "client_ttl", "polling_interval",
    "default_priority", "default_litellm_params", "set_verbose", "debug_level", "provider_budget_config",
    "alerting_config", "router_general_settings", "ignore_invalid_deployments", "assistants_config", "search_tools",
    "guardrail_list", "enable_health_check_routing", "health_check_staleness_threshold", "plugins",
    "health_check_ignore_transient_errors", "background_health_check_model_groups", "enable_weighted_failover",
    "deployment_affinity_ttl_seconds", "model_group_affinity_config", "auto_router_capability_limit",
    "fallback_access_check", "fallback_budget_check", "model_list",
}
# read from router_settings alone: LiteLLM takes them elsewhere without a word and does nothing with them
ROUTER_ONLY: Final = frozenset({
    "model_group_alias", "routing_strategy", "routing_strategy_args", "enable_pre_call_checks", "cooldown_time",
    "model_group_retry_policy", "allowed_fails_policy",
})
STOPS_IN_ROUTER: Final = frozenset({"health_check_interval", "health_check_concurrency"})   # a ValueError at start
STRATEGIES: Final = frozenset({
    "simple-shuffle", "least-busy", "latency-based-routing", "cost-based-routing", "usage-based-routing",
    "usage-based-routing-v2", "provider-budget-routing", "lowest-latency", "lowest-cost",
})
ENTRY: Final = frozenset({"model_name", "litellm_params", "model_info", "tpm", "rpm"})
PARAMS: Final = frozenset({
    "model", "api_key", "api_base", "api_version", "base_url", "custom_llm_provider", "timeout", "stream_timeout",
    "max_retries", "num_retries", "weight", "order", "rpm", "tpm", "max_tokens", "temperature", "drop_params",
    "additional_drop_params", "extra_headers", "organization", "vertex_project", "vertex_location",
    "vertex_credentials", "aws_region_name", "aws_access_key_id", "aws_secret_access_key", "region_name", "tags",
    "input_cost_per_token", "output_cost_per_token", "max_parallel_requests", "mock_response", "top_p", "stream",
})
SETTINGS: Final = frozenset({
    "drop_params", "modify_params", "set_verbose", "num_retries", "request_timeout", "fallbacks", "default_fallbacks",
    "context_window_fallbacks", "content_policy_fallbacks", "allowed_fails", "success_callback", "failure_callback",
    "callbacks", "cache", "cache_params", "telemetry", "max_budget", "budget_duration", "json_logs",
    "turn_off_message_logging", "redact_user_api_key_info", "force_ipv4", "ssl_verify", "return_response_headers",
})
