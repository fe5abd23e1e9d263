package io.resticfleet.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static io.resticfleet.server.ServerClasses.CODE;
import static io.resticfleet.server.ServerClasses.ROOT;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.lang.ArchCondition;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.auth.AuthGate;
import io.resticfleet.server.auth.SignInFlow;
import io.resticfleet.server.channel.HttpSender;
import io.resticfleet.server.cli.Installer;
import io.resticfleet.server.recovery.DatabaseRestore;
import io.resticfleet.server.recovery.SealedKeys;
import io.resticfleet.server.secret.Argon2;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which packages may depend on which. */
@Tag("slow")
class ArchitectureTest {

    /** Packages that know no feature. */
    private static final String[] GROUND = {ROOT + ".db..", ROOT + ".web..", ROOT + ".live..", ROOT + ".secret.."};

    @Test
    void no_two_packages_need_each_other() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CODE);
    }

    @Test
    void only_the_root_knows_every_feature() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT)
                .check(CODE);
    }

    /** Pages, rules and metrics read the status; what it is made of must not know it. */
    @Test
    void only_readers_know_the_status() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        ROOT,
                        ROOT + ".status..",
                        ROOT + ".page..",
                        ROOT + ".rule..",
                        ROOT + ".metrics..",
                        ROOT + ".summary..",
                        ROOT + ".digest..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".status..")
                .check(CODE);
    }

    /** Text from outside that may be no id, such as a filter, has another name. */
    @Test
    void ids_are_no_text() {
        noFields()
                .that()
                .haveNameMatching("(host|job|schedule|repository)Ids?")
                .should(ArchCondition.from(DescribedPredicate.describe(
                        "be text",
                        (JavaField field) -> field.getAllInvolvedRawTypes().stream()
                                .anyMatch(type -> type.isEquivalentTo(String.class)))))
                .check(CODE);
    }

    @Test
    void the_agents_link_knows_no_feature() {
        classes()
                .that()
                .resideInAPackage(ROOT + ".link..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        ROOT + ".link..",
                        "io.resticfleet.protocol..",
                        "io.javalin..",
                        "jakarta.servlet..",
                        "org.eclipse.jetty..",
                        "org.slf4j..",
                        "kotlin..",
                        "java..")
                .check(CODE);
    }

    @Test
    void what_all_use_knows_no_feature() {
        noClasses()
                .that()
                .resideInAnyPackage(GROUND)
                .should()
                .dependOnClassesThat(resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(GROUND))))
                .check(CODE);
    }

    /** Beside routes and pages: live pages, TLS, the agents' link; who makes a request, the gate, the flow behind it. */
    @Test
    void http_stays_in_routes_and_pages() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        ROOT, ROOT + ".web..", ROOT + ".live..", ROOT + ".link..", ROOT + ".tls..", ROOT + ".page..")
                .and()
                .haveSimpleNameNotEndingWith("Routes")
                .and()
                .doNotBelongToAnyOf(Actor.class, AuthGate.class, SignInFlow.class)
                .and(not(simpleName("JobStream")))
                .and()
                .doNotBelongToAnyOf(HttpSender.class) // a client
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.javalin..", "jakarta.servlet..", "org.eclipse.jetty..")
                .check(CODE);
    }

    @Test
    void sql_stays_in_daos_and_db() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".db..")
                .and()
                .haveNameNotMatching(".*Dao(\\$.*)?")
                .and()
                .doNotBelongToAnyOf(DatabaseRestore.class, SealedKeys.class)
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.jdbi..", "java.sql..", "org.sqlite..", "org.flywaydb..")
                        .and(not(type(Handle.class))))
                .orShould()
                .callMethodWhere(target(owner(type(Handle.class)))
                        .and(not(target(name("attach"))))
                        .and(not(target(name("inTransaction")))))
                .check(CODE);
    }

    @Test
    void neither_routes_nor_pages_nor_what_they_stand_on_see_the_database() {
        noClasses()
                .that()
                .haveSimpleNameEndingWith("Routes")
                .or()
                .haveSimpleNameEndingWith("Pages")
                .or()
                .resideInAnyPackage(ROOT + ".web..", ROOT + ".link..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.jdbi..")
                .check(CODE);
    }

    @Test
    void a_table_belongs_to_one_feature() {
        classes()
                .that()
                .haveSimpleNameEndingWith("Dao")
                .should()
                .bePackagePrivate()
                .check(CODE);
    }

    @Test
    void only_db_opens_sqlite_and_changes_the_schema() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".db..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.flywaydb..", "org.sqlite..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.sql.DriverManager")
                .check(CODE);
    }

    @Test
    void only_secret_does_cryptography_of_its_own() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "..")
                .and()
                .resideOutsideOfPackage(ROOT + ".secret..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("javax.crypto..")
                .check(CODE);
    }

    @Test
    void bouncy_castle_is_for_hashing_passwords() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Argon2.class)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bouncycastle..")
                .check(CODE);
    }

    /** Only {@code Secrets} calls what seals and opens, which is package-private; others pass the key on. */
    @Test
    void the_key_of_secrets_is_passed_on_by_those_who_check_it_only() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + ".secret..", ROOT + ".recovery..", ROOT + ".cli..")
                .should()
                .dependOnClassesThat()
                .haveSimpleName("SecretBox")
                .check(CODE);
    }

    @Test
    void secrets_are_opened_by_the_features_that_own_them_only() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        ROOT,
                        ROOT + ".secret..",
                        ROOT + ".repository..",
                        ROOT + ".enrollment..",
                        ROOT + ".channel..",
                        ROOT + ".summary..",
                        ROOT + ".watchdog..",
                        ROOT + ".recovery..")
                .should()
                .dependOnClassesThat()
                .haveSimpleName("Secrets")
                .check(CODE);
    }

    @Test
    void the_protocol_is_plain_data() {
        classes()
                .that()
                .resideInAPackage("io.resticfleet.protocol..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                "io.resticfleet.protocol..",
                                "com.fasterxml.jackson..",
                                "it.sauronsoftware.cron4j..",
                                "java.lang..",
                                "java.net..",
                                "java.nio",
                                "java.nio.charset..",
                                "java.security..",
                                "java.time..",
                                "java.util..")
                        .or(type(ByteArrayInputStream.class))
                        .or(type(ByteArrayOutputStream.class))
                        .or(type(InputStream.class)) // certificates, and listings, which are too long for a message
                        .or(type(OutputStream.class))
                        .or(type(EOFException.class))
                        .or(type(IOException.class))) // Jackson's deserializers declare it
                .check(CODE);
    }

    @Test
    void pins_know_nothing_but_keys() {
        classes()
                .that()
                .resideInAPackage("io.resticfleet.pin..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("io.resticfleet.pin..", "java..", "javax.net.ssl..")
                .check(CODE);
    }

    /** Java alone: what a program needs before it can do anything. */
    @Test
    void commands_settings_and_the_log_know_no_feature_and_no_library() {
        classes()
                .that()
                .resideInAPackage("io.resticfleet.program..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("io.resticfleet.program..", "java..")
                .check(CODE);
    }

    /** Two mappers that read the same text in two ways are hard to tell apart. */
    @Test
    void json_is_read_and_written_by_the_mappers_of_the_protocol() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.resticfleet.protocol..")
                .should()
                .callMethod(JsonMapper.class, "builder")
                .orShould()
                .callConstructor(JsonMapper.class)
                .orShould()
                .callConstructor(ObjectMapper.class)
                .check(CODE);
    }

    @Test
    void time_comes_from_the_injected_clock() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + ".*..", "io.resticfleet.protocol..", "io.resticfleet.program..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(LocalDate.class, "now")
                .orShould()
                .callMethod(LocalDateTime.class, "now")
                .orShould()
                .callMethod(ZonedDateTime.class, "now")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .check(CODE);
    }

    @Test
    void nothing_is_printed_but_by_the_root() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + ".*..", "io.resticfleet.protocol..", "io.resticfleet.program..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(CODE);
    }

    @Test
    void the_server_starts_no_programs() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Installer.class) // a command of root's own
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(ProcessBuilder.class, Process.class)
                .orShould()
                .callMethod(Runtime.class, "exec", String.class)
                .check(CODE);
    }
}
