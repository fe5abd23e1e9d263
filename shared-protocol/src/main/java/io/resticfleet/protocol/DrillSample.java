package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How much a drill restores. Files are chosen at random; those that do not fit into the bytes are left out.
 *
 * @param files number of files; absent for a share, or for {@value #DEFAULT_FILES}
 * @param bytes size of all files together at most; absent for {@value #DEFAULT_BYTES}
 * @param share part of the snapshot's files, above 0 and at most 1, up to {@value #MAX_FILES} files; absent for a number
 */
public record DrillSample(
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Integer> files,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Long> bytes,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Double> share) {

    /** As restic before 0.17 takes the paths to restore only as arguments, of which there is a limited number. */
    public static final int MAX_FILES = 500;

    public static final int DEFAULT_FILES = 200;

    public static final long DEFAULT_BYTES = 256L * 1024 * 1024;

    static final long MAX_BYTES = 1L << 40;

    /** The default. */
    public static final DrillSample DEFAULT = new DrillSample(Optional.empty(), Optional.empty(), Optional.empty());

    public DrillSample {
        files = files == null ? Optional.empty() : files;
        bytes = bytes == null ? Optional.empty() : bytes;
        share = share == null ? Optional.empty() : share;
    }

    /** The number of files to restore of so many, whatever is asked for: at least 1 and at most {@link #MAX_FILES}. */
    public int filesOf(long all) {
        double wanted = share.map(part -> Math.ceil(part * all)).orElseGet(() -> (double) files.orElse(DEFAULT_FILES));
        return (int) Math.max(1, Math.min(MAX_FILES, wanted)); // not a number becomes 1
    }

    /** The size of all files together at most. */
    public long maxBytes() {
        return Math.max(0, Math.min(MAX_BYTES, bytes.orElse(DEFAULT_BYTES)));
    }

    /** Problems, for the options of a schedule. */
    public List<Violation> violations() {
        var wrong = new ArrayList<Violation>();
        files.filter(number -> number < 1 || number > MAX_FILES)
                .ifPresent(number -> wrong.add(invalid("files", "must be 1 to " + MAX_FILES + " but is " + number)));
        bytes.filter(number -> number < 1 || number > MAX_BYTES)
                .ifPresent(number -> wrong.add(invalid("bytes", "must be 1 to " + MAX_BYTES + " but is " + number)));
        share.filter(part -> !(part > 0 && part <= 1))
                .ifPresent(part -> wrong.add(invalid("share", "must be above 0 and at most 1 but is " + part)));
        if (files.isPresent() && share.isPresent()) {
            wrong.add(invalid("share", "cannot be given together with files; leave one of them out"));
        }
        return wrong;
    }

    private static Violation invalid(String field, String detail) {
        return new Violation("options.drill.sample." + field, "invalid_option", field + " " + detail);
    }
}
