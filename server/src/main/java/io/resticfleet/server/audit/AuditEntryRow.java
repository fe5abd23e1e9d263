package io.resticfleet.server.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.resticfleet.protocol.Wire;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;

/** A row of {@code audit_log}. */
public final class AuditEntryRow implements RowMapper<AuditEntry> {

    private static final JsonMapper JSON = Wire.builder().build();
    private static final TypeReference<Map<String, Object>> DETAIL = new TypeReference<>() {};

    @Override
    public AuditEntry map(ResultSet row, StatementContext context) throws SQLException {
        return new AuditEntry(
                row.getString("id"),
                Instant.ofEpochMilli(row.getLong("at")),
                row.getString("actor"),
                row.getString("action"),
                Optional.ofNullable(row.getString("host_id")),
                Optional.ofNullable(row.getString("target_id")),
                Optional.ofNullable(row.getString("address")),
                detail(row.getString("detail_json")));
    }

    static String detailJson(Map<String, ?> detail) {
        try {
            return JSON.writeValueAsString(detail);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write the detail of an audit entry", e);
        }
    }

    private static Map<String, Object> detail(String json) {
        try {
            return JSON.readValue(json, DETAIL);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot read the detail of an audit entry", e);
        }
    }
}
