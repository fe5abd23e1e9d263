package io.resticfleet.agent.job;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** As much of S3 as restic uses, in memory; does not check signatures. It has no bucket at first. */
final class S3StandIn implements AutoCloseable {

    private static final String TIME = "2026-03-01T12:00:00.000Z";

    private final HttpServer server;
    private final Map<String, byte[]> objects = new TreeMap<>();
    private boolean bucket;

    /** @param keyId that requests must be signed with */
    S3StandIn(String keyId) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                if (String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"))
                        .contains("Credential=" + keyId + "/")) {
                    handle(exchange);
                } else {
                    answer(exchange, 403, "<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>");
                }
            }
        });
        server.start();
    }

    /** In restic's notation. */
    String url() {
        return "s3:http://127.0.0.1:" + server.getAddress().getPort() + "/bucket/web01";
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        var key = exchange.getRequestURI().getPath().replaceFirst("^/bucket/?", "");
        var query = String.valueOf(exchange.getRequestURI().getQuery());
        switch (exchange.getRequestMethod() + (key.isEmpty() ? " bucket" : " object")) {
            case "PUT bucket" -> {
                bucket = true;
                answer(exchange, 200, "");
            }
            case "GET bucket" -> {
                if (!bucket) {
                    error(exchange, "NoSuchBucket", "The specified bucket does not exist");
                } else if (query.contains("location")) {
                    answer(exchange, 200, "<LocationConstraint/>");
                } else {
                    answer(exchange, 200, list(query));
                }
            }
            case "HEAD bucket" -> answer(exchange, bucket ? 200 : 404, "");
            case "PUT object" -> {
                objects.put(key, content(exchange));
                answer(exchange, 200, "");
            }
            case "DELETE object" -> {
                objects.remove(key);
                answer(exchange, 204, "");
            }
            default -> {
                if (!bucket) {
                    error(exchange, "NoSuchBucket", "The specified bucket does not exist");
                } else if (objects.containsKey(key)) {
                    object(exchange, objects.get(key));
                } else {
                    error(exchange, "NoSuchKey", "The specified key does not exist.");
                }
            }
        }
    }

    private String list(String query) {
        var prefix = query.replaceFirst(".*\\bprefix=([^&]*).*", "$1");
        return objects.keySet().stream()
                .filter(key -> key.startsWith(prefix))
                .map(key -> "<Contents><Key>" + key + "</Key><Size>" + objects.get(key).length + "</Size><LastModified>"
                        + TIME + "</LastModified></Contents>")
                .collect(Collectors.joining("", "<ListBucketResult>", "</ListBucketResult>"));
    }

    /** Without TLS, an object comes in pieces with a signature each. */
    private static byte[] content(HttpExchange exchange) throws IOException {
        var body = exchange.getRequestBody().readAllBytes();
        if (!exchange.getRequestHeaders().containsKey("x-amz-decoded-content-length")) {
            return body;
        }
        var whole = new ByteArrayOutputStream();
        var text = new String(body, StandardCharsets.ISO_8859_1);
        for (int at = 0; at < body.length; ) {
            int end = text.indexOf("\r\n", at);
            int size = Integer.parseInt(text.substring(at, end).split(";")[0], 16);
            whole.write(body, end + 2, size);
            at = size == 0 ? body.length : end + 2 + size + 2;
        }
        return whole.toByteArray();
    }

    private static void object(HttpExchange exchange, byte[] content) throws IOException {
        var range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null) {
            answer(exchange, 200, content);
            return;
        }
        var ends = range.replace("bytes=", "").split("-");
        int from = Integer.parseInt(ends[0]);
        int to = ends.length > 1 ? Integer.parseInt(ends[1]) : content.length - 1;
        exchange.getResponseHeaders().add("Content-Range", "bytes " + from + "-" + to + "/" + content.length);
        answer(exchange, 206, Arrays.copyOfRange(content, from, to + 1));
    }

    private static void error(HttpExchange exchange, String code, String message) throws IOException {
        answer(exchange, 404, "<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>");
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        answer(exchange, status, body.getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().add("ETag", "\"x\"");
        exchange.getResponseHeaders().add("Last-Modified", "Sun, 01 Mar 2026 12:00:00 GMT");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().add("Content-Length", "" + body.length);
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
