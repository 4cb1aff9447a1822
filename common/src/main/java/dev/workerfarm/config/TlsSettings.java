package dev.workerfarm.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
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

    private final List<X509Certificate> authorities;
    private final List<X509Certificate> chain;
    private final @Nullable PrivateKey key;

    private TlsSettings(List<X509Certificate> authorities, List<X509Certificate> chain, @Nullable PrivateKey key) {
        this.authorities = authorities;
        this.chain = chain;
        this.key = key;
    }

    /**
     * Reads the variables and the files that they name.
     *
     * @throws IllegalArgumentException naming the variable and what is wrong with it or its file
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
                key.isBlank() ? null : PemKey.parse(KEY + ": " + key, Variables.text(KEY, key)));
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
            trust.init(authorities.isEmpty() ? null : trusted());
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(presented(), new char[0]);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java's TLS does not take the certificates: " + e.getMessage(), e);
        }
    }

    private KeyStore trusted() throws GeneralSecurityException, IOException {
        var store = emptyStore();
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("ca-" + i, authorities.get(i));
        }
        return store;
    }

    private KeyStore presented() throws GeneralSecurityException, IOException {
        var store = emptyStore();
        if (key != null) {
            store.setKeyEntry("client", key, new char[0], chain.toArray(new Certificate[0]));
        }
        return store;
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
