package io.resticfleet.server.rule;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.WellFormedText;
import io.resticfleet.server.job.JobSummary;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Words of conditions, the same for the same facts. */
final class RuleWords {

    /** Of a cause; the page of the job has all of it. */
    private static final int MAX_CAUSE = 400;

    /** The end of an agent's text about its next try, which is over soon. */
    private static final String NEXT_TRY = "; it is tried again in \\d+ min, unless its next due time comes first$";

    private final DateTimeFormatter times;

    /** @param zone of the times in texts */
    RuleWords(ZoneId zone) {
        times = DateTimeFormatter.ofPattern("d MMM yyyy, HH:mm z", Locale.ENGLISH)
                .withZone(zone);
    }

    /** Such as {@code 1 Mar 2026, 02:30 UTC}. */
    String time(Instant at) {
        return times.format(at);
    }

    /** Why a job ended as it did, without a full stop. */
    static String cause(JobSummary job) {
        var text = WellFormedText.cut(job.error().orElse("").replaceFirst(NEXT_TRY, ""), MAX_CAUSE)
                .strip();
        var meaning = code(job).meaning();
        if (text.isEmpty()) {
            return meaning;
        }
        boolean explained = code(job) == ErrorCode.UNKNOWN || text.contains(meaning.split("[;,(]")[0].strip());
        return withoutStop(explained ? text : meaning + " (" + text + ")");
    }

    /** What to do about how a job ended; empty if nothing is known. */
    static String advice(JobSummary job) {
        return code(job).advice();
    }

    static ErrorCode code(JobSummary job) {
        return job.errorCode()
                .map(ErrorCode.Reported::code)
                .orElse(job.status() == JobStatus.INTERRUPTED ? ErrorCode.INTERRUPTED : ErrorCode.UNKNOWN);
    }

    /** A quoted name, as of a schedule. */
    static String quoted(String name) {
        return "\"" + name + "\"";
    }

    /** Such as {@code Backup}. */
    static String kind(JobKind kind) {
        var words = kind.word().replace('_', ' ');
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }

    /** Such as {@code 3.2 GiB}. */
    static String bytes(long bytes) {
        var units = new String[] {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " bytes" : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }

    static String withoutStop(String text) {
        return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }
}
