package io.resticfleet.server.page.text;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Consecutive values of a cron field: 8, 9 and 10 are the range 8 to 10.
 *
 * @param first less than {@code last}, except for a single value, or a range that wraps around, such as Friday to Monday
 */
record ValueRange(int first, int last, int length) {

    /** Longer lists are written as a range or a step, if possible. */
    static final int MAX_LIST = 6;

    private static final int MIN_RANGE = 3;

    /** @param values at least one, ascending; the same holds for all methods of this class */
    static List<ValueRange> of(List<Integer> values) {
        var ranges = new ArrayList<ValueRange>();
        int start = 0;
        for (int i = 1; i <= values.size(); i++) {
            if (i == values.size() || values.get(i) != values.get(i - 1) + 1) {
                ranges.add(new ValueRange(values.get(start), values.get(i - 1), i - start));
                start = i;
            }
        }
        return ranges;
    }

    /** As {@link #of}, but {@code low} follows {@code high}. */
    static List<ValueRange> around(List<Integer> values, int low, int high) {
        var ranges = new ArrayList<>(of(values));
        var head = ranges.get(0);
        var tail = ranges.get(ranges.size() - 1);
        int length = tail.length + head.length;
        if (ranges.size() > 1 && head.first == low && tail.last == high && length >= MIN_RANGE) {
            ranges.set(ranges.size() - 1, new ValueRange(tail.first, head.last, length));
            ranges.remove(0);
        }
        return ranges;
    }

    /** Whether this is written as a range, {@code a to b}, and not as single values. */
    boolean isRange() {
        return length >= MIN_RANGE;
    }

    /** The ranges as text: {@code a}, {@code b to c} and so on. */
    static List<String> words(List<ValueRange> ranges, IntFunction<String> name) {
        return ranges.stream()
                .flatMap(range -> range.isRange()
                        ? Stream.of(name.apply(range.first) + " to " + name.apply(range.last))
                        : IntStream.rangeClosed(range.first, range.last).mapToObj(name))
                .toList();
    }

    /** The distance between neighbours, if it is always the same; empty for a single value. */
    static OptionalInt step(List<Integer> values) {
        if (values.size() == 1) {
            return OptionalInt.empty();
        }
        int step = values.get(1) - values.get(0);
        boolean same = IntStream.range(1, values.size()).allMatch(i -> values.get(i) - values.get(i - 1) == step);
        return same ? OptionalInt.of(step) : OptionalInt.empty();
    }

    /** As {@link #step}, but cyclic: 5, 25 and 45 of 60 are 20 apart, and 5 alone has the step 60. */
    static OptionalInt stepAround(List<Integer> values, int size) {
        int step = size / values.size();
        boolean same = size % values.size() == 0
                && IntStream.range(0, values.size()).allMatch(i -> values.get(i) == values.get(0) + i * step);
        return same ? OptionalInt.of(step) : OptionalInt.empty();
    }

    /** Whether these are too many values for a list, with a constant step of 2 or more. */
    static boolean isStepped(List<Integer> values) {
        return values.size() > MAX_LIST && step(values).orElse(1) > 1;
    }
}
