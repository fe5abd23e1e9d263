package io.resticfleet.agent.restic;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/** A version of restic, such as 0.14.0. */
public record ResticVersion(int major, int minor, int patch) implements Comparable<ResticVersion> {

    /** The oldest supported version: that of Debian 12. */
    public static final ResticVersion OLDEST = new ResticVersion(0, 14, 0);

    /** The first with {@code repair}. */
    public static final ResticVersion REPAIR = new ResticVersion(0, 16, 0);

    /** The first with {@code --retry-lock}. */
    public static final ResticVersion RETRY_LOCK = new ResticVersion(0, 16, 0);

    /** The first with {@code restore --overwrite}, {@code --delete} and {@code --dry-run}. */
    public static final ResticVersion OVERWRITE = new ResticVersion(0, 17, 0);

    /** The first with {@code restore --sparse}. */
    public static final ResticVersion SPARSE = new ResticVersion(0, 15, 0);

    /** The first with {@code restore --ownership-by-name}. */
    public static final ResticVersion OWNERSHIP_BY_NAME = new ResticVersion(0, 19, 0);

    private static final Pattern TEXT = Pattern.compile("restic (\\d{1,6})\\.(\\d{1,6})(?:\\.(\\d{1,6}))?");

    private static final Comparator<ResticVersion> ORDER = Comparator.comparingInt(ResticVersion::major)
            .thenComparingInt(ResticVersion::minor)
            .thenComparingInt(ResticVersion::patch);

    /** Reads the output of {@code restic version}, such as {@code restic 0.14.0 compiled with go1.19.8 on linux/amd64}. */
    public static Optional<ResticVersion> find(String text) {
        var matcher = TEXT.matcher(text);
        return matcher.find()
                ? Optional.of(new ResticVersion(
                        Integer.parseInt(matcher.group(1)),
                        Integer.parseInt(matcher.group(2)),
                        matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3))))
                : Optional.empty();
    }

    @Override
    public int compareTo(ResticVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
