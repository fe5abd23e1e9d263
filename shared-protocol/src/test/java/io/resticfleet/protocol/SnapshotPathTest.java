package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotPathTest {

    private static final RawText LATIN = RawText.of(new byte[] {'d', (byte) 0xe9, 'r'});

    @Test
    void a_path_is_its_bytes_however_it_is_written() {
        var path = SnapshotPath.of("/srv").child(LATIN);

        assertThat(path.path()).isEqualTo("/srv/d\ufffdr");
        assertThat(new SnapshotPath("anything", path.pathBase64())).isEqualTo(path);
        assertThat(new SnapshotPath("", Optional.of("L3Nydg=="))).isEqualTo(SnapshotPath.of("/srv"));
        assertThat(SnapshotPath.of("/srv/d\ufffdr")).isNotEqualTo(path);
    }

    @Test
    void it_consists_of_names() {
        var path = SnapshotPath.of(List.of(RawText.of("srv"), LATIN));

        assertThat(path.name()).contains(LATIN);
        assertThat(path.parent()).contains(SnapshotPath.of("/srv"));
        assertThat(SnapshotPath.of("/srv").parent()).contains(SnapshotPath.ROOT);
        assertThat(SnapshotPath.ROOT.names()).isEmpty();
        assertThat(SnapshotPath.ROOT.parent()).isEmpty();
        assertThat(path.startsWith(SnapshotPath.of("/srv"))).isTrue();
        assertThat(SnapshotPath.of("/srv2").startsWith(SnapshotPath.of("/srv"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "srv", "/srv/", "//", "/a//b", "/.", "/a/../b", "/a\0b", "/\ud800"})
    void what_is_no_path_is_refused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> SnapshotPath.of(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"!", "L2EA", "c3J2", "L2EvLi4="})
    void what_is_no_path_in_base64_is_refused(String base64) {
        assertThatIllegalArgumentException().isThrownBy(() -> new SnapshotPath("/", Optional.of(base64)));
    }
}
