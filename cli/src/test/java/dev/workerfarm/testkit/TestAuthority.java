package dev.workerfarm.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import okhttp3.tls.HeldCertificate;

/** A certificate authority that lives as long as a test. Immutable. */
public final class TestAuthority {
    private final HeldCertificate authority = new HeldCertificate.Builder()
            .certificateAuthority(0)
            .commonName("test authority")
            .build();

    /** Issues a certificate for these host names and addresses, and writes it into a folder. */
    public CertificateFiles issue(Path folder, String... hosts) {
        return write(folder, certificate(hosts).build());
    }

    /** A certificate for these hosts that ran out an hour ago. */
    public HeldCertificate expired(String... hosts) {
        var now = Instant.now();
        return certificate(hosts)
                .validityInterval(
                        now.minus(Duration.ofDays(2)).toEpochMilli(),
                        now.minus(Duration.ofHours(1)).toEpochMilli())
                .build();
    }

    /** The authority's own certificate, in a file. */
    public Path file(Path folder) {
        return write(folder, "ca.pem", authority.certificatePem());
    }

    private HeldCertificate.Builder certificate(String... hosts) {
        var builder = new HeldCertificate.Builder().signedBy(authority).commonName("test");
        for (var host : hosts) {
            builder.addSubjectAlternativeName(host);
        }
        return builder;
    }

    private CertificateFiles write(Path folder, HeldCertificate certificate) {
        return new CertificateFiles(
                file(folder),
                write(folder, "certificate.pem", certificate.certificatePem()),
                write(folder, "key.pem", certificate.privateKeyPkcs8Pem()));
    }

    private static Path write(Path folder, String name, String pem) {
        try {
            return Files.writeString(folder.resolve(name), pem);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
