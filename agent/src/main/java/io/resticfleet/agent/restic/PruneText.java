package io.resticfleet.agent.restic;

import io.resticfleet.protocol.PruneResult;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The figures that a prune prints, as text also with {@code --json}, in the same words from restic 0.14 to 0.19:
 * {@code total prune: 60 blobs / 250.063 KiB}. Later versions print a line of JSON too.
 *
 * <p>Not safe for use by more than one thread.
 */
public final class PruneText {

    private static final Pattern LINE = Pattern.compile(
            "(to repack|total prune|remaining|unused size after prune):.*?([\\d.]+) ([KMGTPE]?i?B)\\b.*");
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB");

    private final Map<String, Long> figures = new HashMap<>();

    /** Reads the next line. */
    public void read(ResticEvent event) {
        if (event instanceof ResticEvent.Text text) {
            text.line().lines().map(line -> LINE.matcher(line.strip())).forEach(line -> {
                if (line.matches() && UNITS.contains(line.group(3))) {
                    figures.put(line.group(1), bytes(line.group(2), line.group(3)));
                }
            });
        }
    }

    /** The figures; empty if restic did not get so far. */
    public Optional<PruneResult> result() {
        return figures.containsKey("total prune")
                ? Optional.of(new PruneResult(
                        of("total prune"), of("to repack"), of("remaining"), of("unused size after prune")))
                : Optional.empty();
    }

    private long of(String name) {
        return figures.getOrDefault(name, 0L);
    }

    private static long bytes(String number, String unit) {
        try {
            return new BigDecimal(number)
                    .multiply(BigDecimal.valueOf(1L << (10 * UNITS.indexOf(unit))))
                    .longValue();
        } catch (NumberFormatException e) {
            return 0; // such as 1.2.3
        }
    }
}
