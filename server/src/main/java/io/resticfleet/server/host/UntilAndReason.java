package io.resticfleet.server.host;

import io.resticfleet.protocol.Violation;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What somebody asks for when silencing or pausing a host.
 *
 * @param until when it ends by itself, in the future, by ten years at most; absent: when somebody ends it
 * @param reason one line of at most 200 characters
 */
public record UntilAndReason(Optional<Instant> until, Optional<String> reason) {

    /** Without an end and a reason. */
    public static final UntilAndReason NONE = new UntilAndReason(Optional.empty(), Optional.empty());

    private static final int MAX_YEARS = 10;
    private static final int MAX_REASON = 200;

    public UntilAndReason {
        reason = reason.map(String::strip).filter(text -> !text.isEmpty());
    }

    /** @throws Problem 400 {@code invalid_until} or {@code invalid_reason} */
    void check(Instant now) {
        var latest = now.atOffset(ZoneOffset.UTC).plusYears(MAX_YEARS).toInstant();
        if (until.filter(end -> !end.isAfter(now) || end.isAfter(latest)).isPresent()) {
            throw Problem.invalid(List.of(new Violation(
                    "until", "invalid_until", "until must be in the future, by " + MAX_YEARS + " years at most")));
        }
        if (reason.filter(text -> text.length() > MAX_REASON || text.chars().anyMatch(Character::isISOControl))
                .isPresent()) {
            throw Problem.invalid(List.of(new Violation(
                    "reason", "invalid_reason", "reason must be one line of at most " + MAX_REASON + " characters")));
        }
    }

    /** For the audit log. */
    Map<String, Object> detail() {
        var detail = new LinkedHashMap<String, Object>();
        until.ifPresent(end -> detail.put("until", end.toString()));
        reason.ifPresent(why -> detail.put("reason", why));
        return detail;
    }
}
