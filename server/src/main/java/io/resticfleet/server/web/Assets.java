package io.resticfleet.server.web;

import io.javalin.http.Context;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/**
 * Static files of the pages. Their URLs contain a hash of the content, so that browsers can cache them for good.
 *
 * <p>A fixed list, read at start: no part of a URL is ever used as a file name.
 */
public final class Assets {

    private static final String PATH = "/assets/{version}/{name}";
    private static final String WEBJARS = "/META-INF/resources/webjars/";

    /** @param resource on the class path */
    private record Source(String name, String type, String resource) {}

    private static final List<Source> SOURCES = List.of(
            new Source("app.css", "text/css; charset=utf-8", "/assets/app.css"),
            new Source("times.js", "text/javascript; charset=utf-8", "/assets/times.js"),
            new Source("notes.js", "text/javascript; charset=utf-8", "/assets/notes.js"),
            new Source("live.js", "text/javascript; charset=utf-8", "/assets/live.js"),
            new Source("app.js", "text/javascript; charset=utf-8", "/assets/app.js"),
            new Source("chart.js", "text/javascript; charset=utf-8", "/assets/chart.js"),
            new Source("icon.svg", "image/svg+xml", "/assets/icon.svg"),
            new Source("icon-bad.svg", "image/svg+xml", "/assets/icon-bad.svg"),
            new Source("htmx.js", "text/javascript; charset=utf-8", WEBJARS + "htmx.org/2.0.10/dist/htmx.min.js"),
            new Source("uplot.js", "text/javascript; charset=utf-8", WEBJARS + "uplot/1.6.30/dist/uPlot.iife.min.js"),
            new Source("uplot.css", "text/css; charset=utf-8", WEBJARS + "uplot/1.6.30/dist/uPlot.min.css"));

    private record Asset(String type, String version, byte[] content, byte[] gzipped) {}

    private final Map<String, Asset> assets =
            SOURCES.stream().collect(Collectors.toUnmodifiableMap(Source::name, Assets::read));

    public void install(Routes routes) {
        routes.asset(PATH, this::serve);
    }

    /**
     * The URL path of an asset.
     *
     * @throws IllegalArgumentException if there is no asset of this name
     */
    public String url(String name) {
        var asset = assets.get(name);
        if (asset == null) {
            throw new IllegalArgumentException("there is no asset " + name);
        }
        return "/assets/" + asset.version + "/" + name;
    }

    private void serve(Context ctx) throws IOException {
        var asset = assets.get(ctx.pathParam("name"));
        if (asset == null || !asset.version.equals(ctx.pathParam("version"))) {
            throw Problem.notFound("such asset");
        }
        ctx.header("Cache-Control", "public, max-age=31536000, immutable");
        ctx.header("Vary", "Accept-Encoding");
        boolean gzip =
                Optional.ofNullable(ctx.header("Accept-Encoding")).orElse("").contains("gzip");
        if (gzip) {
            ctx.header("Content-Encoding", "gzip");
        }
        ctx.contentType(asset.type);
        AsyncBody.send(ctx, new ByteArrayInputStream(gzip ? asset.gzipped : asset.content));
    }

    private static byte[] gzip(byte[] content) throws IOException {
        var gzipped = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(gzipped)) {
            out.write(content);
        }
        return gzipped.toByteArray();
    }

    private static Asset read(Source source) {
        try (var in = Assets.class.getResourceAsStream(source.resource)) {
            if (in == null) {
                throw new IllegalStateException("resource missing from the jar: " + source.resource);
            }
            var content = in.readAllBytes();
            var digest = MessageDigest.getInstance("SHA-256").digest(content);
            return new Asset(source.type, HexFormat.of().formatHex(digest).substring(0, 12), content, gzip(content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has SHA-256
        }
    }
}
