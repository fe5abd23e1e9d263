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

/** The figures, for Prometheus and all that reads its formats. */
public final class MetricsRoutes {

    private final Metrics metrics;
    private final ExpositionFormats formats = ExpositionFormats.init();
    private volatile int lastSize = 4_096;

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
        ctx.contentType(writer.getContentType());
        ctx.result(metrics.write(snapshots -> bytes(writer, snapshots)));
    }

    private byte[] bytes(ExpositionFormatWriter writer, MetricSnapshots snapshots) {
        var bytes = new ByteArrayOutputStream(lastSize + lastSize / 8);
        try {
            writer.write(bytes, snapshots);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        lastSize = bytes.size();
        return bytes.toByteArray();
    }
}
