/// The national code types.
package enum NationalCodes {
  /// SQL that makes the functions which field types check local writes with, in schema `huijia` (which must exist). Each statement stands alone; run again, it changes nothing.
  ///
  /// All are IMMUTABLE and answer null for null.
  package static let sqlFunctions: [String] = [
    identityNumber, creditCode, divisionCode, phone,
  ]

  private static let regions =
    "'" + RegionCodes.all.map { String($0) }.joined(separator: "','") + "'"

  /// The weighted sum written out: a loop in PL/pgSQL takes several times as long, for every row of a census.
  private static let identityTerms = zip(
    0..., [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  ).map { "(get_byte(bytes, \($0)) - 48) * \($1)" }.joined(separator: " + ")

  private static let identityNumber = """
    CREATE OR REPLACE FUNCTION huijia.valid_identity_number(code text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    DECLARE
      bytes bytea;
      total integer;
      year integer;
      month integer;
      day integer;
      last integer;
    BEGIN
      IF code !~ '^[0-9]{17}[0-9X]$' THEN RETURN false; END IF;
      IF substr(code, 1, 2) NOT IN (\(regions),'83') THEN RETURN false; END IF;
      year := substr(code, 7, 4)::integer;
      month := substr(code, 11, 2)::integer;
      day := substr(code, 13, 2)::integer;
      IF year < 1800 OR month NOT BETWEEN 1 AND 12 OR day < 1 THEN RETURN false; END IF;
      last := CASE
        WHEN month IN (4, 6, 9, 11) THEN 30
        WHEN month <> 2 THEN 31
        WHEN year % 4 = 0 AND (year % 100 <> 0 OR year % 400 = 0) THEN 29
        ELSE 28 END;
      IF day > last THEN RETURN false; END IF;
      bytes := code::bytea;
      total := \(identityTerms);
      RETURN substr(code, 18, 1) = substr('0123456789X', (12 - total % 11) % 11 + 1, 1);
    END $$
    """

  private static let creditCode = """
    CREATE OR REPLACE FUNCTION huijia.valid_credit_code(code text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    DECLARE
      alphabet constant text := '0123456789ABCDEFGHJKLMNPQRTUWXY';
      wide constant text := '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
      inner_weights constant integer[] := '{3,7,9,10,5,8,4,2}';
      total integer := 0;
      weight integer := 1;
    BEGIN
      IF code !~ '^[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}$' THEN
        RETURN false;
      END IF;
      IF substr(code, 3, 2) NOT IN (\(regions),'83','10') THEN RETURN false; END IF;
      FOR i IN 1..8 LOOP
        total := total + (strpos(wide, substr(code, 8 + i, 1)) - 1) * inner_weights[i];
      END LOOP;
      IF substr(code, 17, 1) <> substr('0123456789X', (11 - total % 11) % 11 + 1, 1) THEN
        RETURN false;
      END IF;
      total := 0;
      FOR i IN 1..17 LOOP
        total := total + (strpos(alphabet, substr(code, i, 1)) - 1) * weight;
        weight := weight * 3 % 31;
      END LOOP;
      RETURN substr(code, 18, 1) = substr(alphabet, (31 - total % 31) % 31 + 1, 1);
    END $$
    """

  /// Not STRICT, so that it is inlined: it is called for every captured row, and a regular expression alone costs more than a tenth of a bulk insert.
  private static let divisionCode = """
    CREATE OR REPLACE FUNCTION huijia.valid_division_code(code text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
      SELECT octet_length(code) = 12 AND translate(code, '0123456789', '') = ''
        AND substr(code, 1, 2) IN (\(regions))
    $$
    """

  private static let phone = """
    CREATE OR REPLACE FUNCTION huijia.valid_phone(number text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
      SELECT number ~ '^(1[3-9][0-9]{9}|[0-9]{3,8}|\\+[0-9]{6,15})$'
        OR number ~ '^0[0-9]{2,3}-?[0-9]{7,8}(-[0-9]{1,6})?$'
    $$
    """
}
