package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the tables have against what the sources write: a column that nothing fills is a promise that nobody keeps. */
class ColumnsTest {

    private static final Path SOURCES = Path.of("src/main/java");

    /** Of the only row, which its migration makes. */
    private static final String MADE_ONCE = "database_epoch id";

    /** Of a statement, up to its condition: the columns that it fills. */
    private static final Pattern WRITES = Pattern.compile(
            "(?:INSERT(?: OR \\w+)? INTO|UPDATE) (\\w+)\\b(.*?)(?:\\bWHERE\\b|\"\"\"|\"\\))", Pattern.DOTALL);

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void every_column_is_filled_by_some_statement() throws Exception {
        var written = written();
        for (var trigger : server.sql("SELECT sql || '\"\"\"' FROM sqlite_master WHERE type = 'trigger'")) {
            collect(trigger, written);
        }
        var columns = server.sql("""
                SELECT tables.name || ' ' || columns.name
                  FROM sqlite_master AS tables JOIN pragma_table_info(tables.name) AS columns
                 WHERE tables.type = 'table'
                   AND tables.name NOT LIKE 'sqlite_%'
                   AND tables.name NOT LIKE 'flyway_%'
                """);

        assertThat(columns).hasSizeGreaterThan(100);
        assertThat(columns)
                .filteredOn(column -> !column.equals(MADE_ONCE) && !isWritten(column, written))
                .isEmpty();
    }

    private static boolean isWritten(String column, Map<String, String> written) {
        var names = column.split(" ");
        return Pattern.compile("\\b" + names[1] + "\\b")
                .matcher(written.getOrDefault(names[0], ""))
                .find();
    }

    private static void collect(String text, Map<String, String> written) {
        var statements = WRITES.matcher(text);
        while (statements.find()) {
            written.merge(statements.group(1), statements.group(2), String::concat);
        }
    }

    /** By table, the beginnings of all statements that write to it. */
    private static Map<String, String> written() throws IOException {
        var written = new HashMap<String, String>();
        try (var files = Files.walk(SOURCES)) {
            for (var file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                collect(Files.readString(file), written);
            }
        }
        return written;
    }
}
