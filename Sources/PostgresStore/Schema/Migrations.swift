/// The fixed tables of schema `huijia`, in the order they were made. A migration once released is never changed.
enum Migrations {
  /// Each runs once, in its own transaction.
  static let all: [String] = [
    first, ledgers, arrivals, quarantine, rules, conflicts, handover, settled, refusedRows,
    bundles, alarms, verbs,
  ]

  private static let first = """
    CREATE SCHEMA IF NOT EXISTS ledger;
    CREATE TABLE huijia.lane (
      lane smallint PRIMARY KEY, next_position bigint NOT NULL, first_position bigint NOT NULL,
      incarnation bigint NOT NULL, next_index bigint NOT NULL, previous bytea NOT NULL)
      WITH (fillfactor = 10);
    INSERT INTO huijia.lane SELECT l, 1, 1, 1, 1, decode(repeat('00', 32), 'hex')
      FROM generate_series(0, 1) l;
    CREATE TABLE huijia.feed (
      lane smallint, first bigint, last bigint NOT NULL, body bytea NOT NULL,
      PRIMARY KEY (lane, first));
    ALTER TABLE huijia.feed ALTER body SET STORAGE EXTERNAL;
    CREATE TABLE huijia.feed_policy (
      lane smallint, position bigint, old bigint NOT NULL, new bigint NOT NULL,
      side bytea NOT NULL, PRIMARY KEY (lane, position));
    CREATE TABLE huijia.record (
      ledger smallint, key text COLLATE "C", held boolean NOT NULL, body bytea NOT NULL,
      PRIMARY KEY (ledger, key));
    CREATE TABLE huijia.batch (
      code bigint, slug text COLLATE "C", incarnation bigint, lane smallint, first bigint,
      last bigint NOT NULL, body bytea NOT NULL,
      PRIMARY KEY (code, slug, incarnation, lane, first));
    ALTER TABLE huijia.batch ALTER body SET STORAGE EXTERNAL;
    CREATE TABLE huijia.link (
      peer text PRIMARY KEY, incarnation bigint NOT NULL) WITH (fillfactor = 50);
    CREATE TABLE huijia.link_lane (
      peer text, lane smallint, received bigint NOT NULL, acknowledged bigint NOT NULL,
      chain_index bigint NOT NULL, chain_digest bytea NOT NULL,
      catch_up bigint, catch_up_ledger smallint, catch_up_key text,
      PRIMARY KEY (peer, lane)) WITH (fillfactor = 20);
    CREATE TABLE huijia.parked (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(),
      peer text NOT NULL, ledger smallint, key text COLLATE "C", item bytea NOT NULL,
      acknowledged bigint NOT NULL);
    CREATE INDEX parked_record ON huijia.parked (ledger, key);
    CREATE TABLE huijia.archive (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(),
      ledger smallint NOT NULL, key text COLLATE "C" NOT NULL, payload bytea NOT NULL,
      evidence bytea[] NOT NULL);
    CREATE TABLE huijia.refused (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(),
      peer text NOT NULL, ledger smallint, key text, dot text, code text NOT NULL,
      detail text NOT NULL, proof bytea);
    CREATE TABLE huijia.document (
      kind smallint, epoch bigint, body bytea NOT NULL, signer bytea NOT NULL,
      signature bytea NOT NULL, PRIMARY KEY (kind, epoch));
    CREATE TABLE huijia.signer (
      fingerprint bytea PRIMARY KEY, node text NOT NULL, chain bytea[] NOT NULL);
    CREATE TABLE huijia.local_scope (
      ledger smallint, unit bigint, prefix bigint, maintain bigint NOT NULL, rule text NOT NULL);
    CREATE TABLE huijia.local_field (
      ledger smallint, field smallint, name text NOT NULL, maintainers text NOT NULL,
      PRIMARY KEY (ledger, field));
    CREATE SEQUENCE huijia.outbox_id;
    """
}
