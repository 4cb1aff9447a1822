package dev.workerfarm.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Whom TLS connections trust, and as whom they present themselves. Immutable.
 *
 * <p>From three variables, each the path of a PEM file: {@value #CA} has the certificates of the authorities to trust,
 * these alone; without it Java's own trust store counts. {@value #CERTIFICATE} (with its chain) and {@value #KEY}
 * (PKCS#8, not encrypted) are for a broker or Redis that asks its clients for a certificate.
 */
public final class TlsSettings {
    public static final String CA = "FARM_TLS_CA";
    public static final String CERTIFICATE = "FARM_TLS_CERT";
    public static final String KEY = "FARM_TLS_KEY";

    /** Java's own trust store and no certificate of ours. */
    public static final TlsSettings DEFAULT = new TlsSettings(List.of(), List.of(), null);

    private static final Pattern KEY_BLOCK =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private final List<X509Certificate> authorities;
    private final List<X509Certificate> chain;
    private final @Nullable PrivateKey key;

    private TlsSettings(List<X509Certificate> authorities, List<X509Certificate> chain, @Nullable PrivateKey key) {
        this.authorities = authorities;
        this.chain = chain;
        this.key = key;
    }

    /**
     * Reads the variables and the files that they name. Throws IllegalArgumentException naming the variable and what is
     * wrong with it or its file.
     */
    public static TlsSettings from(Map<String, String> environment) {
        var ca = environment.getOrDefault(CA, "");
        var certificate = environment.getOrDefault(CERTIFICATE, "");
        var key = environment.getOrDefault(KEY, "");
        if (certificate.isBlank() != key.isBlank()) {
            throw new IllegalArgumentException(
                    "of " + CERTIFICATE + " and " + KEY + " only one is set: a client certificate takes both");
        }
        if (ca.isBlank() && key.isBlank()) {
            return DEFAULT;
        }
        return new TlsSettings(
                ca.isBlank() ? List.of() : certificates(CA, ca),
                certificate.isBlank() ? List.of() : certificates(CERTIFICATE, certificate),
                key.isBlank() ? null : privateKey(KEY + ": " + key, Variables.text(KEY, key)));
    }

    /** The first private key of a PEM file. Throws IllegalArgumentException if there is none, without its text. */
    static PrivateKey privateKey(String subject, String pem) {
        var block = KEY_BLOCK.matcher(pem);
        if (block.find()) {
            for (var algorithm : List.of("RSA", "EC", "Ed25519")) {
                try {
                    var encoded = Base64.getMimeDecoder().decode(block.group(1));
                    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
                } catch (GeneralSecurityException | IllegalArgumentException e) {
                    // A key of another algorithm, which nothing outside it says, or a damaged one.
                }
            }
        }
        throw new IllegalArgumentException(subject + " holds no RSA or EC key of the form -----BEGIN PRIVATE KEY-----;"
                + " openssl pkcs8 -topk8 -nocrypt -in KEY makes it from another form");
    }

    /** Whether we have a certificate of our own to show. */
    public boolean hasClientCertificate() {
        return key != null;
    }

    /** A context for clients; each call makes another. */
    public SSLContext context() {
        if (authorities.isEmpty() && key == null) {
            try {
                return SSLContext.getDefault();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java has no TLS", e);
            }
        }
        try {
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            var trusted = emptyStore();
            for (var authority : authorities) {
                trusted.setCertificateEntry("ca-" + trusted.size(), authority);
            }
            trust.init(authorities.isEmpty() ? null : trusted);
            var presented = emptyStore();
            if (key != null) {
                presented.setKeyEntry("client", key, new char[0], chain.toArray(new Certificate[0]));
            }
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(presented, new char[0]);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java's TLS does not take the certificates: " + e.getMessage(), e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static List<X509Certificate> certificates(String variable, String file) {
        var pem = Variables.text(variable, file);
        try {
            var found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
            if (found.isEmpty()) {
                throw new IllegalArgumentException(variable + ": " + file + " holds no certificate");
            }
            return found.stream().map(X509Certificate.class::cast).toList();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    variable + ": " + file + " is no PEM file of certificates (-----BEGIN CERTIFICATE-----)", e);
        }
    }
}
