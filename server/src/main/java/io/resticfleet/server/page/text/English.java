package io.resticfleet.server.page.text;

import java.util.List;

/** Lists, plurals and ordinal numbers in English. */
public final class English {

    private English() {}

    /** {@code a, b and c}. */
    static String and(List<String> items) {
        return series(items, "and");
    }

    /** {@code a, b or c}. */
    static String or(List<String> items) {
        return series(items, "or");
    }

    /** {@code a, b and 3 more}: all of a short list, else its first items and the number of the others. */
    public static String some(List<String> items, int named) {
        return items.size() <= named + 1
                ? and(items)
                : String.join(", ", items.subList(0, named)) + " and " + (items.size() - named) + " more";
    }

    private static String series(List<String> items, String last) {
        int size = items.size();
        return size == 1
                ? items.get(0)
                : String.join(", ", items.subList(0, size - 1)) + " " + last + " " + items.get(size - 1);
    }

    /** {@code 1 hour}, {@code 2 hours}. */
    public static String count(int number, String unit) {
        return number + " " + unit + (number == 1 ? "" : "s");
    }

    /** {@code every hour}, {@code every 2 hours}. */
    static String every(int number, String unit) {
        return "every " + (number == 1 ? unit : count(number, unit));
    }

    /** {@code 1st}, {@code 2nd}, {@code 11th}. */
    static String ordinal(int number) {
        int tens = number / 10 % 10;
        return number
                + switch (tens == 1 ? 0 : number % 10) {
                    case 1 -> "st";
                    case 2 -> "nd";
                    case 3 -> "rd";
                    default -> "th";
                };
    }
}
