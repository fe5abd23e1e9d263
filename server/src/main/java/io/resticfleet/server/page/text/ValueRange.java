package io.resticfleet.server.page.text;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Values of a cron field in a row: 8, 9 and 10 are the run 8 to 10.
 *
 * @param first smaller than {@code last}, unless it is one value, or goes round such as Friday to Monday
 */
record ValueRange(int first, int last, int length) {

    /** A list of more values is told as a range or a step, if it is one. */
    static final int LONGEST_LIST = 6;

    private static final int SHORTEST_RANGE = 3;

    /** @param values at least one, ascending, as those of all these methods */
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

    /** As {@link #of}, but what ends at {@code high} goes on at {@code low}. */
    static List<ValueRange> around(List<Integer> values, int low, int high) {
        var ranges = new ArrayList<>(of(values));
        var head = ranges.get(0);
        var tail = ranges.get(ranges.size() - 1);
        int length = tail.length + head.length;
        if (ranges.size() > 1 && head.first == low && tail.last == high && length >= SHORTEST_RANGE) {
            ranges.set(ranges.size() - 1, new ValueRange(tail.first, head.last, length));
            ranges.remove(0);
        }
        return ranges;
    }

    /** Whether these are told as a range, {@code a to b}, rather than one by one. */
    boolean isRange() {
        return length >= SHORTEST_RANGE;
    }

    /** What a list of runs is told as: {@code a}, {@code b to c} and so on. */
    static List<String> words(List<ValueRange> ranges, IntFunction<String> name) {
        return ranges.stream()
                .flatMap(run -> run.isRange()
                        ? Stream.of(name.apply(run.first) + " to " + name.apply(run.last))
                        : IntStream.rangeClosed(run.first, run.last).mapToObj(name))
                .toList();
    }

    /** The distance of each value to the next, if it is always the same; empty for a single value. */
    static OptionalInt step(List<Integer> values) {
        if (values.size() == 1) {
            return OptionalInt.empty();
        }
        int step = values.get(1) - values.get(0);
        boolean same = IntStream.range(1, values.size()).allMatch(i -> values.get(i) - values.get(i - 1) == step);
        return same ? OptionalInt.of(step) : OptionalInt.empty();
    }

    /** As {@link #step}, but all around: 5, 25 and 45 of 60 are 20 apart, and 5 alone is 60 from itself. */
    static OptionalInt stepAround(List<Integer> values, int size) {
        int step = size / values.size();
        boolean same = size % values.size() == 0
                && IntStream.range(0, values.size()).allMatch(i -> values.get(i) == values.get(0) + i * step);
        return same ? OptionalInt.of(step) : OptionalInt.empty();
    }

    /** Whether these are too many to be told one by one, and in a row but for a step of 2 or more. */
    static boolean isStepped(List<Integer> values) {
        return values.size() > LONGEST_LIST && step(values).orElse(1) > 1;
    }
}
