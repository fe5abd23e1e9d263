package io.resticfleet.server.metrics;

import io.javalin.http.Context;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Scope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/** The figures, for Prometheus and all that reads its formats. */
public final class MetricsRoutes {

    private static final Pattern GZIP = Pattern.compile("(?i)\\bgzip\\b(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$))");
    private static final int BUFFER_BYTES = 8_192;

    private final Metrics metrics;
    private final ExpositionFormats formats = ExpositionFormats.init();

    public MetricsRoutes(Metrics metrics) {
        this.metrics = metrics;
    }

    public void install(Routes routes) {
        routes.get(
                        "/metrics",
                        Access.USER_OR_LOCAL,
                        "Figures for Prometheus, in the text format, or that of OpenMetrics if the header Accept asks for it",
                        this::show)
                .scope(Scope.METRICS)
                .answers(200, "text/plain", "application/openmetrics-text");
    }

    private void show(Context ctx) {
        var writer = formats.findWriter(ctx.header("Accept"));
        var accepted = ctx.header("Accept-Encoding");
        boolean zipped = accepted != null && GZIP.matcher(accepted).find();
        ctx.contentType(writer.getContentType());
        ctx.header("Vary", "Accept, Accept-Encoding");
        if (zipped) {
            ctx.disableCompression();
            ctx.header("Content-Encoding", "gzip");
            ctx.result(metrics.write(snapshots -> zipped(writer, snapshots)));
        } else {
            ctx.result(metrics.write(snapshots -> plain(writer, snapshots)));
        }
    }

    /** Compressed as it is written: an array with the whole text of a large fleet would make the collector stop all. */
    private static byte[] zipped(ExpositionFormatWriter writer, MetricSnapshots snapshots) {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes, BUFFER_BYTES)) {
            writer.write(gzip, snapshots);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    private static byte[] plain(ExpositionFormatWriter writer, MetricSnapshots snapshots) {
        var bytes = new ByteArrayOutputStream();
        try {
            writer.write(bytes, snapshots);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }
}
