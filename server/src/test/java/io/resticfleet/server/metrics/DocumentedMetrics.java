package io.resticfleet.server.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What {@code docs/prometheus.md} and the files beside it say about the figures. */
final class DocumentedMetrics {

    static final Path PAGE = Path.of("../docs/prometheus.md");

    private static final Pattern METRIC = Pattern.compile("\\brestic_fleet_\\w+");

    private DocumentedMetrics() {}

    /** The code block of the page that begins with a comment with this name. */
    static String block(String name) throws IOException {
        var text = Files.readString(PAGE);
        var matcher = Pattern.compile("```yaml\n# " + Pattern.quote(name) + "\n(.*?)```", Pattern.DOTALL)
                .matcher(text);
        if (!matcher.find()) {
            throw new AssertionError(PAGE + " has no block " + name);
        }
        return matcher.group(1);
    }

    /** Names of the metrics that a text mentions. */
    static Set<String> named(String text) {
        var names = new TreeSet<String>();
        METRIC.matcher(text).results().forEach(found -> names.add(found.group()));
        return names;
    }
}
