package io.resticfleet.server.page.repository;

import io.resticfleet.protocol.Violation;
import io.resticfleet.server.repository.RepositoryRequest;
import io.resticfleet.server.repository.RepositoryView;
import io.resticfleet.server.web.Problem;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is expected of a repository, as typed.
 *
 * @param sizeLimitGib empty for no limit
 * @param checkWithinDays empty or 0 for never
 */
record RepositoryExpectationsForm(String sizeLimitGib, String checkWithinDays) {

    private static final long GIB = 1L << 30;
    private static final int MAX_LENGTH = 15;

    static RepositoryExpectationsForm of(RepositoryView repository) {
        return new RepositoryExpectationsForm(
                repository
                        .sizeLimitBytes()
                        .map(bytes -> BigDecimal.valueOf(bytes)
                                .divide(BigDecimal.valueOf(GIB))
                                .stripTrailingZeros()
                                .toPlainString())
                        .orElse(""),
                repository.checkWithinDays() == 0 ? "" : Integer.toString(repository.checkWithinDays()));
    }

    /** @throws Problem 400 if they are no numbers */
    RepositoryRequest request() {
        return new RepositoryRequest(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(number("size_limit_bytes", sizeLimitGib)
                        .multiply(BigDecimal.valueOf(GIB))
                        .longValue()),
                Optional.of(number("check_within_days", checkWithinDays).intValue()));
    }

    private static BigDecimal number(String field, String typed) {
        try {
            var text = typed.strip();
            return text.isEmpty() ? BigDecimal.ZERO : new BigDecimal(text.length() > MAX_LENGTH ? "x" : text);
        } catch (NumberFormatException e) {
            throw Problem.invalid(List.of(new Violation(field, "invalid_number", "type a number, or nothing")));
        }
    }

    /** The words at each field. */
    static Map<String, String> wrong(Problem problem) {
        return problem.errors().stream()
                .collect(Collectors.toMap(
                        error -> error.field().replace("size_limit_bytes", "size_limit_gib"),
                        Violation::detail,
                        (first, second) -> first));
    }
}
