package io.resticfleet.server;

import java.util.List;
import java.util.Map;

/** Calls of the routes of channels, against their description. */
final class DescribedChannels {

    private DescribedChannels() {}

    static void call(DescribedApi api) throws Exception {
        var config = Map.of("url", "http://169.254.169.254/", "secret", "k3y");
        var body = Map.of("name", "ops", "kind", "webhook", "config", config, "digest", "daily", "tags", List.of("a"));
        var made = api.post("/api/channels", body);
        api.post("/api/channels", Map.of("name", "ops", "kind", "pigeon", "config", Map.of()));
        api.get("/api/channels?limit=1");
        api.get("/api/channels/{channel}", made.at("/id"));
        api.call("PUT", "/api/channels/{channel}", body, made.at("/id"));
        api.post("/api/channels/{channel}/test", "", made.at("/id"));
        api.get("/api/channels/{channel}/deliveries", made.at("/id"));
        api.call("DELETE", "/api/channels/{channel}", "", made.at("/id"));
    }
}
