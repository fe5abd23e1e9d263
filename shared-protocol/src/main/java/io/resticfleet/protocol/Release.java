package io.resticfleet.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A version of this product, such as {@code 0.10.2}.
 *
 * @param numbers 1 to 4, most significant first
 */
public record Release(List<Integer> numbers) implements Comparable<Release> {

    private static final Pattern TEXT = Pattern.compile("[0-9]{1,6}(\\.[0-9]{1,6}){0,3}");

    public Release {
        numbers = List.copyOf(numbers);
    }

    /** Parses a version; absent if it is not a release, such as {@code dev}. */
    public static Optional<Release> find(String text) {
        if (!TEXT.matcher(text).matches()) {
            return Optional.empty();
        }
        var numbers = new ArrayList<Integer>();
        for (var number : text.split("\\.")) {
            numbers.add(Integer.valueOf(number));
        }
        return Optional.of(new Release(numbers));
    }

    /** Whether one version is newer than another; false if either is not a release. */
    public static boolean isNewer(String one, String other) {
        var newer = find(one);
        var older = find(other);
        return newer.isPresent() && older.isPresent() && newer.get().compareTo(older.get()) > 0;
    }

    @Override
    public int compareTo(Release other) {
        for (int i = 0; i < Math.max(numbers.size(), other.numbers.size()); i++) {
            int difference = Integer.compare(number(i), other.number(i));
            if (difference != 0) {
                return difference;
            }
        }
        return 0;
    }

    private int number(int at) {
        return at < numbers.size() ? numbers.get(at) : 0;
    }
}
