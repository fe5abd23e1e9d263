package io.resticfleet.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.web.Page;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTest {

    private static final HostId HOST = new HostId("01H00000000000000000000001");
    private static final HostId OTHER = new HostId("01H00000000000000000000002");
    private static final ScheduleId SCHEDULE = new ScheduleId("01S00000000000000000000001");
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Actor ANNA = new Actor("anna", Optional.of("192.0.2.7"));

    @TempDir
    Path directory;

    private Database db;
    private Audit audit;

    @BeforeEach
    void open() {
        db = Database.open(directory.resolve("data"), () -> NOW);
        audit = new Audit(db, () -> NOW);
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void an_entry_comes_back_as_it_was_recorded() {
        db.change(tx -> audit.record(tx, ANNA, "schedule.update", HOST, SCHEDULE, Map.of("version", 3)));

        var entry = list(10, Optional.empty(), Optional.empty()).items().get(0);

        assertThat(entry)
                .isEqualTo(new AuditEntry(
                        entry.id(),
                        NOW,
                        "anna",
                        "schedule.update",
                        Optional.of(HOST),
                        Optional.of(SCHEDULE.value()),
                        Optional.of("192.0.2.7"),
                        Map.of("version", 3)));
    }

    @Test
    void pages_go_from_the_newest_to_the_oldest_without_gap() {
        for (int number = 0; number < 25; number++) {
            var action = "action." + number;
            db.change(tx -> audit.record(tx, Actor.local("server"), action, Map.of()));
        }

        var seen = new ArrayList<String>();
        Optional<String> cursor = Optional.empty();
        do {
            var page = list(10, cursor, Optional.empty());
            page.items().forEach(entry -> seen.add(entry.action()));
            cursor = page.nextCursor();
        } while (cursor.isPresent());

        assertThat(seen)
                .hasSize(25)
                .doesNotHaveDuplicates()
                .startsWith("action.24")
                .endsWith("action.0");
    }

    @Test
    void one_host_can_be_looked_at_alone() {
        db.change(tx -> {
            audit.record(tx, ANNA, "host.rename", HOST, HOST, Map.of());
            audit.record(tx, ANNA, "host.rename", OTHER, OTHER, Map.of());
            audit.record(tx, ANNA, "token.create", "token1", Map.of());
        });

        assertThat(list(10, Optional.empty(), Optional.of(OTHER.value())).items())
                .extracting(AuditEntry::targetId)
                .isEqualTo(List.of(Optional.of(OTHER.value())));
    }

    @Test
    void what_did_not_happen_is_not_recorded() {
        assertThatThrownBy(() -> db.change(tx -> {
                    audit.record(tx, ANNA, "token.create", "token1", Map.of());
                    throw new IllegalStateException("the change fails");
                }))
                .hasMessage("the change fails");

        assertThat(list(10, Optional.empty(), Optional.empty()).items()).isEmpty();
    }

    private Page<AuditEntry> list(int limit, Optional<String> cursor, Optional<String> host) {
        return audit.list(new Page.Request(limit, cursor), host);
    }
}
