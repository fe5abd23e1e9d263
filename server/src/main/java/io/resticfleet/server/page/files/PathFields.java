package io.resticfleet.server.page.files;

import io.javalin.http.Context;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Reads paths of snapshots from addresses and forms, as {@link PathField} writes them. */
final class PathFields {

    private PathFields() {}

    /**
     * The path in the query; absent if there is none.
     *
     * @throws Problem 400 {@code invalid_path}
     */
    static Optional<SnapshotPath> query(Context ctx) {
        return Requests.query(ctx, PathField.BASE64)
                .map(bytes -> path(PathFields::ofBase64, bytes))
                .or(() -> Requests.query(ctx, PathField.TEXT).map(text -> path(SnapshotPath::of, text)));
    }

    /** All paths in the query. */
    static List<SnapshotPath> queries(Context ctx) {
        return paths(ctx.queryParams(PathField.TEXT), ctx.queryParams(PathField.BASE64));
    }

    /** All paths in the form. */
    static List<SnapshotPath> form(Context ctx) {
        return paths(Requests.fields(ctx, PathField.TEXT), Requests.fields(ctx, PathField.BASE64));
    }

    private static List<SnapshotPath> paths(List<String> texts, List<String> base64) {
        return Stream.concat(
                        texts.stream().map(text -> path(SnapshotPath::of, text)),
                        base64.stream().map(bytes -> path(PathFields::ofBase64, bytes)))
                .distinct()
                .toList();
    }

    private static SnapshotPath ofBase64(String base64) {
        return new SnapshotPath("", Optional.of(base64));
    }

    private static SnapshotPath path(Function<String, SnapshotPath> of, String text) {
        return Requests.valid("path", "invalid_path", of, text);
    }
}
