package io.resticfleet.server.tree;

import io.javalin.http.Context;
import io.resticfleet.protocol.DumpFormat;
import io.resticfleet.protocol.RawText;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.EventStream;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Query;
import io.resticfleet.server.web.Readmission;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Scope;
import io.resticfleet.server.web.StreamedAnswer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/** The route by which files of snapshots are downloaded. */
public final class DownloadRoutes {

    /** For how long nothing may arrive, or be read. */
    private static final Duration IDLE = Duration.ofMinutes(2);

    private static final int BUFFER_BYTES = 64 * 1024;

    /** The rest of a file. Any other range is answered with the whole, as it may be. */
    private static final Pattern REST = Pattern.compile("bytes=([0-9]{1,18})-");

    private final Downloads downloads;
    private final LongSupplier nanoTime;

    /** @param nanoTime monotonic clock, in nanoseconds */
    public DownloadRoutes(Downloads downloads, LongSupplier nanoTime) {
        this.downloads = downloads;
        this.nanoTime = nanoTime;
    }

    public void install(Routes routes) {
        routes.get(
                        "/api/snapshots/{snapshot}/download",
                        Access.USER,
                        "A file of a snapshot, or files and directories as an archive",
                        this::download)
                .scope(Scope.RESTORE)
                .queries(
                        Query.text("path"),
                        Query.text("path_base64"),
                        Query.oneOf(
                                "format",
                                Arrays.stream(DumpFormat.values())
                                        .map(DumpFormat::word)
                                        .toList()))
                .answers(200, "application/octet-stream", "application/zip", "application/x-tar");
    }

    private void download(Context ctx) {
        var path = TreeRoutes.path(ctx)
                .orElseThrow(() -> Problem.invalid("invalid_path", "path names a file or a directory"));
        var format = Requests.query(ctx, "format")
                .map(word -> Requests.valid("format", "invalid_format", DumpFormat::of, word))
                .orElse(DumpFormat.RAW);
        var wanted = downloads.find(ctx.pathParam("snapshot"), path, format);
        var tag = '"' + wanted.located().snapshot().id() + '-' + Integer.toHexString(path.hashCode()) + '"';
        long offset = offset(ctx, wanted, tag);
        headers(ctx, wanted, tag, offset);
        if (EventStream.isHead(ctx)) {
            return;
        }
        var readmission = Readmission.of(ctx, nanoTime);
        try {
            downloads.send(Actor.of(ctx), Caller.of(ctx).userId(), wanted, offset, body -> {
                StreamedAnswer.idle(ctx, IDLE);
                copy(ctx, body, wanted.size().map(size -> size - offset), readmission);
            });
        } catch (RuntimeException e) {
            if (ctx.res().isCommitted()) {
                StreamedAnswer.breakOff(ctx);
                return;
            }
            ctx.res().reset();
            throw e instanceof UncheckedIOException
                    ? Problem.conflict("failed", "what the machine's agent sent was broken off; try again")
                    : e;
        }
    }

    private static long offset(Context ctx, Downloads.Wanted wanted, String tag) {
        var rest = REST.matcher(Optional.ofNullable(ctx.header("Range")).orElse(""));
        boolean same =
                Optional.ofNullable(ctx.header("If-Range")).map(tag::equals).orElse(true);
        if (wanted.size().isEmpty() || !rest.matches() || !same) {
            return 0;
        }
        long offset = Long.parseLong(rest.group(1));
        long size = wanted.size().get();
        if (offset >= size) {
            ctx.header("Content-Range", "bytes */" + size);
            throw Problem.unsatisfiable("the file has " + size + " bytes");
        }
        ctx.status(206).header("Content-Range", "bytes %d-%d/%d".formatted(offset, size - 1, size));
        return offset;
    }

    private static void headers(Context ctx, Downloads.Wanted wanted, String tag, long offset) {
        ctx.contentType(
                switch (wanted.format()) {
                    case RAW -> "application/octet-stream";
                    case ZIP -> "application/zip";
                    case TAR -> "application/x-tar";
                });
        ctx.header("Content-Disposition", disposition(fileName(wanted)));
        ctx.header("X-Content-Type-Options", "nosniff");
        ctx.header("Content-Security-Policy", "sandbox; default-src 'none'");
        wanted.size().ifPresent(size -> {
            ctx.header("ETag", tag);
            ctx.header("Accept-Ranges", "bytes");
            ctx.res().setContentLengthLong(size - offset);
        });
    }

    private static String fileName(Downloads.Wanted wanted) {
        var name = wanted.path()
                .name()
                .map(RawText::text)
                .orElse("snapshot-" + wanted.located().snapshot().shortId());
        return wanted.format() == DumpFormat.RAW
                ? name
                : name + "." + wanted.format().word();
    }

    /** As in RFC 6266: for all clients in ASCII, then as it is. */
    static String disposition(String name) {
        var ascii = name.replaceAll("[^ -~]|[\"\\\\%/]", "_");
        var encoded = URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A");
        return "attachment; filename=\"" + ascii + "\"; filename*=UTF-8''" + encoded;
    }

    private static void copy(Context ctx, InputStream body, Optional<Long> expected, Readmission readmission) {
        try {
            var out = ctx.res().getOutputStream();
            var buffer = new byte[BUFFER_BYTES];
            long sent = 0;
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                readmission.check();
                sent += read;
                if (expected.isPresent() && sent > expected.get()) {
                    throw new IOException("the file is longer than it was");
                }
                out.write(buffer, 0, read);
            }
            if (expected.isPresent() && sent < expected.get()) {
                throw new IOException("the file is shorter than it was");
            }
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
