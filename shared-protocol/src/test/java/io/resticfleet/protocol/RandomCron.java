package io.resticfleet.protocol;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Random cron expressions, zones and times, biased towards difficult ones: hours that are skipped or repeated, days
 * that few months have, both day fields, ranges that wrap; zones with unusual changes; times around a change of offset
 * or the end of February. One seed is one case.
 */
final class RandomCron {

    /**
     * A case to compare.
     *
     * @param at an instant from 1970 to 2120
     * @param span duration after {@code at} whose due times are listed
     */
    record Case(long seed, String cron, ZoneId zone, Instant at, Duration span) {}

    private static final List<String> MACROS =
            List.of("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually", "@Daily");

    private static final List<String> MONTHS = List.of("jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec".split(","));

    private static final List<String> DAYS = List.of("Sunday,MON,tue,wednesday,Thu,fri,sat".split(","));

    private static final List<ZoneId> ODD_ZONES = List.of(
                    "Europe/Berlin",
                    "America/New_York",
                    "Australia/Lord_Howe", // changes by half an hour
                    "Antarctica/Troll", // changes by two hours
                    "America/Sao_Paulo", // changes at midnight
                    "America/Havana",
                    "America/Asuncion",
                    "America/Santiago",
                    "America/Scoresbysund",
                    "America/St_Johns", // changes at 00:01
                    "Asia/Beirut",
                    "Asia/Tehran",
                    "Asia/Gaza",
                    "Africa/Cairo",
                    "Africa/Casablanca", // changes for Ramadan
                    "Africa/El_Aaiun",
                    "Africa/Windhoek",
                    "Europe/Dublin", // its winter time is the exception
                    "Africa/Monrovia", // changed by 44 minutes and 30 seconds
                    "Pacific/Apia", // skipped 30 December 2011
                    "Pacific/Kiritimati", // skipped 31 December 1994
                    "Pacific/Kwajalein", // skipped 21 August 1993
                    "Pacific/Chatham", // 45 minutes off the hour
                    "Asia/Kathmandu",
                    "Asia/Kolkata",
                    "Asia/Pyongyang",
                    "Asia/Singapore",
                    "America/Caracas",
                    "Europe/Moscow",
                    "Europe/Istanbul")
            .stream()
            .map(ZoneId::of)
            .toList();

    private static final List<ZoneId> ZONES =
            ZoneId.getAvailableZoneIds().stream().sorted().map(ZoneId::of).toList();

    private static final Instant START = Instant.parse("1970-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("2120-01-01T00:00:00Z");

    private final SplittableRandom random;

    private RandomCron(long seed) {
        random = new SplittableRandom(seed);
    }

    static Case of(long seed) {
        var made = new RandomCron(seed);
        var zone = made.zone();
        return new Case(seed, made.cron(), zone, made.at(zone), made.span());
    }

    private ZoneId zone() {
        int kind = random.nextInt(20);
        if (kind == 0) {
            return ZoneOffset.ofTotalSeconds(random.nextInt(-18 * 60, 18 * 60 + 1) * 60);
        }
        return one(kind < 12 ? ODD_ZONES : ZONES);
    }

    private Instant at(ZoneId zone) {
        var any = START.plusSeconds(random.nextLong(END.getEpochSecond()));
        var near = switch (random.nextInt(8)) {
            case 0, 1, 2, 3 -> {
                var change = zone.getRules().nextTransition(any);
                yield change == null || change.getInstant().isAfter(END) ? any : change.getInstant();
            }
            case 4 -> startOf(LocalDate.ofInstant(any, zone).withMonth(3), zone);
            case 5 -> startOf(LocalDate.ofInstant(any, zone), zone);
            default -> any;
        };
        return switch (random.nextInt(4)) {
            case 0 -> near;
            case 1 -> near.plusMillis(random.nextLong(-2, 3));
            case 2 -> near.plusSeconds(60L * random.nextLong(-200, 200));
            default -> near.plusMillis(random.nextLong(-2 * 86_400_000L, 2 * 86_400_000L));
        };
    }

    private static Instant startOf(LocalDate day, ZoneId zone) {
        return day.withDayOfMonth(1).atStartOfDay(zone).toInstant();
    }

    private Duration span() {
        return switch (random.nextInt(20)) {
            case 0 -> Duration.ofDays(random.nextLong(400));
            case 1, 2, 3, 4 -> Duration.ofMinutes(random.nextLong(120));
            default -> Duration.ofMillis(random.nextLong(Duration.ofDays(3).toMillis()));
        };
    }

    private String cron() {
        if (random.nextInt(30) == 0) {
            return one(MACROS);
        }
        var dayOfMonth = random.nextInt(8) == 0 ? one(List.of("L", "l", "29", "31", "28-31")) : days(1, 31, List.of());
        var month = random.nextInt(8) == 0 ? one(List.of("2", "Feb", "02", "feb-mar")) : days(1, 12, MONTHS);
        return String.join(" ", minute(), hour(), dayOfMonth, month, days(0, 7, DAYS));
    }

    /** Few minutes per hour: more prove nothing new and take long to list. Gaps mostly start and end on the hour. */
    private String minute() {
        return switch (random.nextInt(4)) {
            case 0 -> field(0, 59, List.of());
            case 1 -> one(List.of("0", "00", "30", "*/30", "0,59", "*/20"));
            default -> number(random.nextInt(60), 0, List.of());
        };
    }

    private String hour() {
        return switch (random.nextInt(6)) {
            case 0 -> "*";
            case 1 -> "*/" + random.nextInt(1, 25);
            case 2, 3 ->
                one(List.of("0", "1", "2", "3", "0-3", "2,3", "0-23", "23-1", "22-2/2", "00", "3,*/5", "*/6,2"));
            default -> field(0, 23, List.of());
        };
    }

    private String days(int low, int high, List<String> names) {
        return random.nextInt(2) == 0 ? "*" : field(low, high, names);
    }

    private String field(int low, int high, List<String> names) {
        int items = random.nextInt(3) == 0 ? random.nextInt(2, 5) : 1;
        return IntStream.range(0, items).mapToObj(i -> item(low, high, names)).collect(Collectors.joining(","));
    }

    private String item(int low, int high, List<String> names) {
        int from = random.nextInt(low, high + 1);
        int to = random.nextInt(low, high + 1);
        var range = number(from, low, names) + "-" + number(to, low, names);
        return switch (random.nextInt(8)) {
            case 0 -> "*";
            case 1 -> "*/" + random.nextInt(1, (high == 7 ? 6 : high) - low + 2);
            case 2 -> range;
            // The step may be as long as the range, which wraps if its end is before its start.
            case 3, 4 -> range + "/" + random.nextInt(1, Math.max(2, to >= from ? to - from + 2 : high - from));
            default -> number(from, low, names);
        };
    }

    private String number(int value, int low, List<String> names) {
        if (!names.isEmpty() && value - low < names.size() && random.nextInt(3) == 0) {
            return names.get(value - low);
        }
        return random.nextInt(5) == 0 && value < 10 ? "0" + value : String.valueOf(value);
    }

    private <T> T one(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
