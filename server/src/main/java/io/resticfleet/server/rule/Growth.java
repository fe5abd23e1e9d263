package io.resticfleet.server.rule;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A straight line through the sizes of a repository, by least squares. */
record Growth(double bytesPerDay, double meanBytes, Instant meanTime) {

    /** Fewer sizes show no trend. */
    static final int MIN_SIZES = 7;

    /** Empty if there are too few sizes, or all are of one time. */
    static Optional<Growth> of(List<RepositoryRuleDao.Size> sizes) {
        if (sizes.size() < MIN_SIZES) {
            return Optional.empty();
        }
        var first = sizes.get(0).measuredAt();
        double meanDays = sizes.stream()
                .mapToDouble(size -> days(first, size.measuredAt()))
                .average()
                .orElseThrow();
        double meanBytes = sizes.stream()
                .mapToDouble(RepositoryRuleDao.Size::sizeBytes)
                .average()
                .orElseThrow();
        double spread = 0;
        double together = 0;
        for (var size : sizes) {
            double days = days(first, size.measuredAt()) - meanDays;
            spread += days * days;
            together += days * (size.sizeBytes() - meanBytes);
        }
        return spread == 0
                ? Optional.empty()
                : Optional.of(new Growth(together / spread, meanBytes, first.plusSeconds((long)
                        (meanDays * Duration.ofDays(1).toSeconds()))));
    }

    /** The size to expect at a time, in bytes. */
    double at(Instant time) {
        return meanBytes + bytesPerDay * days(meanTime, time);
    }

    private static double days(Instant from, Instant to) {
        return Duration.between(from, to).toSeconds()
                / (double) Duration.ofDays(1).toSeconds();
    }
}
