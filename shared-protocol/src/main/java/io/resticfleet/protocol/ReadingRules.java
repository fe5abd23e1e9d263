package io.resticfleet.protocol;

import java.util.Optional;

/**
 * What a machine's owner allows its server to read of snapshots through it. All of it is absent from older agents, which
 * read none.
 *
 * @param index whether the agent lists all files of snapshots for the server's index
 * @param download whether the agent sends the content of files
 */
public record ReadingRules(Optional<OnOff> index, Optional<OnOff> download) {

    /** Of a machine whose owner wrote nothing of it. */
    public static final ReadingRules DEFAULT = new ReadingRules(Optional.of(OnOff.ON), Optional.of(OnOff.ON));

    /** Of a machine whose policy cannot be used. */
    public static final ReadingRules STRICTEST = new ReadingRules(Optional.of(OnOff.OFF), Optional.of(OnOff.OFF));

    /** Of an older agent. */
    public static final ReadingRules NONE = new ReadingRules(Optional.empty(), Optional.empty());

    public ReadingRules {
        index = index == null ? Optional.empty() : index;
        download = download == null ? Optional.empty() : download;
    }

    /** Whether all files of snapshots may be listed. */
    public boolean allowsIndex() {
        return index.equals(Optional.of(OnOff.ON));
    }

    /** Whether the content of files may be sent. */
    public boolean allowsDownload() {
        return download.equals(Optional.of(OnOff.ON));
    }
}
