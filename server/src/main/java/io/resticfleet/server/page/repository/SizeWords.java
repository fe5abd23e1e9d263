package io.resticfleet.server.page.repository;

import io.resticfleet.server.page.text.Figures;
import io.resticfleet.server.repository.RepositoryFindings;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** How a repository has grown, in words. */
final class SizeWords {

    /** How many days to look back. */
    static final int DAYS = 31;

    private SizeWords() {}

    /** Such as {@code + 1.2 GiB in 30 days}; empty if it was measured on fewer than two days. */
    static String growth(List<RepositoryFindings.Size> sizes) {
        if (sizes.size() < 2) {
            return "";
        }
        var first = sizes.get(0);
        var last = sizes.get(sizes.size() - 1);
        long days = ChronoUnit.DAYS.between(LocalDate.parse(first.day()), LocalDate.parse(last.day()));
        long grown = last.sizeBytes() - first.sizeBytes();
        return (grown < 0 ? "− " : "+ ") + Figures.bytes(Math.abs(grown)) + " in " + Figures.count(days, "day", "days");
    }
}
