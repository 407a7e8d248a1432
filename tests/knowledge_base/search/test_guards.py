"""The truth table of the guards: what is a conflict, and what is none."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.search import scams
from knowledge_base.search.guards import conflicts, conflicts_between
from knowledge_base.search.reading import read

LEVY = (
    "Mulai 1 Desember semua warga Kabupaten Melati wajib membayar iuran jalan Rp50.000 per bulan "
    "lewat RT, yang tidak membayar akan didenda dan tidak boleh mengurus KTP."
)

# (message, claim, types of the differences expected); "-" stands for none.
TRUTH = [
    # polarity: negation in every language people mix
    ("KPU tidak memperpanjang pemilihan", "KPU memperpanjang pemilihan", "polarity"),
    ("KPU gk memperpanjang pemilihan", "KPU memperpanjang pemilihan", "polarity"),
    ("Bansos ora cair bulan iki", "Bansos cair bulan ini", "polarity"),
    ("Bansos henteu cair bulan ieu", "Bansos cair bulan ini", "polarity"),
    ("Bansos mboten cair bulan ini", "Bansos cair bulan ini", "polarity"),
    ("Rapat digelar tanpa saksi partai", "Rapat digelar dengan saksi partai", "polarity"),
    ("Presiden belum menandatangani UU itu", "Presiden menandatangani UU itu", "polarity"),
    ("Jangan bawa masker ke TPS", "Bawa masker ke TPS", "polarity"),
    ("The airport is no longer closed", "The airport is closed", "polarity"),
    ("WHO doesn't recommend the vaccine", "WHO recommends the vaccine", "polarity"),
    ("The mayor will never resign", "The mayor will resign", "polarity"),
    ("Harga beras turun di pasar", "Harga beras naik di pasar", "polarity"),
    ("Kopi menyebabkan kanker hati", "Kopi mencegah kanker hati", "polarity"),
    ("Perdana mentri Melati umumkan karantina", "Perdana Menteri Melati mengumumkan karantina", "-"),
    ("BMKG Indonesia memperingatkan tsunami malam ini", "BMKG memperingatkan tsunami malam ini", "-"),
    ("Meninggal dunia tadi pagi, artis Mat Larasati", "Artis Mat Larasati meninggal dunia", "-"),
    ("Seorang suporter meninggal pada laga Seruni, tujuh luka", "Seorang suporter meninggal pada laga Seruni", "-"),
    ("Panglima Anika Perkasa melarang prajurit mudik", "Panglima Andika Perkasa melarang prajurit mudik", "-"),
    ("Banjir bandang di Sulawesi hancurkan ribuan rumah", "Banjir bandang di Makassar hancurkan ribuan rumah", "-"),
    ("Jokowi ditunjuk jadi kepala IKN besok", "Jokowi ditunjuk jadi kepala Otorita IKN besok", "-"),
    ("Jakarta dapat 100 bus sumbangan Jepang", "Jepang menyumbang 100 bus kepada Jakarta", "-"),
    ("Ponpes Kenanga resmi dibubarkan Arga Wijaya", "Arga Wijaya resmi bubarkan Ponpes Kenanga", "-"),
    ("Presiden akan segera mengganti Panglima", "Panglima akan diganti", "-"),
    ("Warga tewas sebulan setelah wawancara di radio", "Warga tewas setelah hujan deras di Melati", "-"),
    ("Kenanga akan referendum, warga Kenanga bingung", "Kenanga akan referendum", "-"),
    ("Bupati menampung 2.000 warga Kenanga di Pulau Seruni", "Bupati menampung ribuan warga Kenanga di Pulau Seruni", "-"),
    ("Sudah tahu belum? Gunung Melati akan meletus besar", "Gunung Melati akan mengalami erupsi besar", "-"),
    ("Semua dari 15 siswa SMA Melati dapat laptop baru", "Semua siswa SMA Melati dapat laptop baru", "-"),
    ("PSN buka donasi kaos bekas buat relawan banjir", "PNS Membuka Donasi Kaos Bekas bagi Relawan Banjir", "-"),
    ("Pasar Melati tutup besok karena hujannya deras sekali", "Pasar Melati tutup besok karena hujan deras", "-"),
    ("Mahasiswa Universitas Cempaka dapat beasiswa, kata Bu Larasati di grup", "Mahasiswa Universitas Cempaka dapat beasiswa", "-"),
    ("FPI bubarkan pengobatan gratis yang digelar PKB di Melati", "FPI Bubarkan Pengobatan Gratis PKB di Melati", "-"),
    ("Warga tidak keberatan harga naik", "Warga tidak keberatan harga naik", "-"),
    ("Obat itu berbahaya untuk bayi", "Obat itu tidak aman untuk bayi", "-"),
    ("Bukan hanya warga, pedagang wajib bayar", "Warga dan pedagang wajib bayar", "-"),
    ("bener gak sih KPU memperpanjang pemilihan?", "KPU memperpanjang pemilihan", "-"),
    ("tenan ora KPU memperpanjang pemilihan?", "KPU memperpanjang pemilihan", "-"),
    ("Punten, leres teu KPU memperpanjang pemilihan?", "KPU memperpanjang pemilihan", "-"),
    ("Jangan lupa bawa masker ke TPS", "Bawa masker ke TPS", "-"),
    ("Pasien yg tiak dirawat meninggal", "Pasien yang tidak dirawat meninggal", "-"),
    ("Telur menyebabkan flu singapura", "TELUR REBUS MENANGKAL FLU SINGAPURA", "polarity"),
    ("Telur rebus bisa nangkal flu", "Telur Rebus Dapat Menangkal Flu", "-"),
    ("Partai Melati menang di Seruni", "Partai Melati kalah di Seruni", "polarity"),
    ("Jalan lingkar Melati bayar mulai Mei", "Mulai Mei jalan lingkar Melati gratis", "polarity"),
    ("Selamat malam, pendaki meninggal di Gunung Melati", "Pendaki tewas di Gunung Melati", "-"),
    ("Selamat pagi bapak ibu, pendaki tewas di Gunung Melati", "Pendaki tewas di Gunung Melati", "-"),
    ("Di Gunung Melati pendaki selamat", "Pendaki tewas di Gunung Melati", "polarity"),
    ("Pasien RSUD Melati sembuh dari flu", "Pasien RSUD Melati Meninggal Akibat Flu", "polarity"),
    ("Tes darah beda dengan vaksinasi", "Tes Darah Sama dengan Vaksinasi", "polarity"),
    ("Camat Melati mundur dari jabatannya", "Camat Melati dicopot dari jabatannya", "polarity"),
    ("Camat Melati tidak mundur dari jabatannya", "Camat Melati dicopot dari jabatannya", "polarity"),
    ("Camat Melati dipecat dari jabatannya", "Camat Melati dicopot dari jabatannya", "-"),
    ("Jangan simpan aki yang bisa meledak", "Simpan aki yang bisa meledak", "polarity"),
    ("Jangan takut simpan aki di bagasi", "Simpan aki di bagasi bisa meledak", "polarity"),
    ("Jangan simpan aki, tidak meledak kok", "Simpan aki di rumah bisa meledak", "polarity"),
    ("Jangan minum jamu kunyit", "Minum jamu kunyit menyembuhkan demam", "polarity"),
    ("Bendera disobek saat sidang", "Bendera Dirobek Saat Sidang", "-"),
    # numbers, money, percentages, units
    ("Bensin dibatasi 50 liter per orang", "Bensin dibatasi Rp50.000 per orang", "number"),
    ("Melati kirim 500 ton beras ke Seruni", "Melati Kirim 500 Relawan ke Seruni", "number"),
    ("Gempa di Seruni cuma 3,5 SR", "Gempa bermagnitudo 10,5 di Seruni", "number"),
    ("Denda merokok Rp500.000", "Denda merokok Rp50.000", "number"),
    ("Denda merokok 500rb", "Denda merokok Rp500.000", "-"),
    ("Utang mencapai Rp8.000 miliar", "Utang mencapai Rp8.000 triliun", "number"),
    ("Sembuh setelah 3 minggu minum jamu", "Sembuh setelah 3 hari minum jamu", "number"),
    ("Sembuh setelah 72 jam minum jamu", "Sembuh setelah tiga hari minum jamu", "-"),
    ("Partisipasi pemilih 18 persen", "Partisipasi pemilih 81%", "number"),
    ("Sebanyak 52.000.000 data bocor", "Sebanyak 52 juta data bocor", "-"),
    ("Ada 8 kontainer surat suara", "Ada tujuh kontainer surat suara", "number"),
    ("Tarif naik dari Rp10.000 menjadi Rp3.000", "Tarif naik dari Rp3.000 menjadi Rp10.000", "number"),
    ("Bansos cair lagi, total penerima 4.000", "Bansos cair lagi", "-"),
    # dates, times, election rounds
    ("Parkir digabung STNK mulai 2030", "Mulai 2027 parkir digabung STNK", "date"),
    ("Parkir digabung STNK mulai 2027", "Mulai 2027 parkir digabung STNK", "-"),
    ("Pemilihan diperpanjang sampai 28 November", "Pemilihan diperpanjang sampai 27 November", "date"),
    ("Pemilihan diperpanjang sampai 27/11", "Pemilihan diperpanjang sampai 27 November", "-"),
    ("Pemilihan diperpanjang sampai tgl 27", "Pemilihan diperpanjang sampai 27 November 2024", "-"),
    ("TPS tutup jam 11 siang", "TPS tutup pukul 13.00 WIB", "date"),
    ("TPS tutup jam 1 siang", "TPS tutup pukul 13.00 WIB", "-"),
    ("Listrik padam Selasa malam", "Listrik padam Senin malam", "date"),
    ("Hasil Pilpres 2024 dibatalkan MK", "Hasil Pilpres 2019 dibatalkan MK", "date"),
    ("Putaran pertama digelar bulan Juni", "Putaran kedua digelar bulan Juni", "date"),
    ("Tol gratis mulai besok", "Tol gratis mulai hari ini", "date"),
    # places, people, offices, agencies
    ("bendera dibakar di halaman kedutaan di kuala lumpur", "Bendera dibakar di halaman kedutaan di Jakarta", "place"),
    ("Banjir menerjang Sumedang tadi malam", "Banjir menerjang Garut tadi malam", "place"),
    ("Banjir menerjang Garut, Jawa Barat tadi malam", "Banjir menerjang Garut tadi malam", "-"),
    ("Gubernur Jatim meninggal karena Covid", "Gubernur Jawa Barat meninggal karena Covid", "place"),
    ("Gubernur Jabar meninggal karena Covid", "Gubernur Jawa Barat meninggal karena Covid", "-"),
    ("Listrik padam total di Sumatra bulan Juni", "Listrik padam total di Jawa dan Bali bulan Juni", "place"),
    ("Listrik padam total di Bali bulan Juni", "Listrik padam total di Jawa dan Bali bulan Juni", "-"),
    ("Warga Kecamatan Kenanga dilarang mudik", "Warga Kecamatan Melati dilarang mudik", "place"),
    ("Ketua RW Gang Melati dilaporkan warga", "Ketua RT Gang Melati dilaporkan warga", "person"),
    ("Menteri Luar Negeri Melati mengancam pedagang", "Perdana Menteri Melati mengancam pedagang", "person"),
    ("Senator Baskoro menerima jam emas", "Gubernur Baskoro menerima jam emas", "person"),
    ("Wiratama ditangkap KPK kemarin", "Baskoro ditangkap KPK kemarin", "person"),
    ("gibran ditangkap di melati", "KAESANG DITANGKAP DI MELATI", "person"),
    ("Jkowi ditangkap di melati", "JOKOWI DITANGKAP DI MELATI", "-"),
    ("Bupati Raden Wiratama mundur dari jabatannya", "Bupati Tirta Baskoro Mundur Dari Jabatannya", "person"),
    ("Danu Wiratama sebut 14 kapal masuk Seruni", "Ade Baskoro Sebut 14 Kapal Masuk Seruni", "person"),
    ("PLTU Kenanga meledak siang tadi", "PLTU Cempaka Meledak Siang Tadi", "person"),
    ("Jembatan Ngawi-Melur ditutup", "Jembatan Ngawi-Garut Ditutup Selama Perbaikan", "place"),
    # the other half of a name tells whose it is
    ("Melania Trump ditangkap di Melati", "Donald Trump ditangkap di Melati", "person"),
    ("melania trump ditangkap di melati", "Donald Trump Ditangkap di Melati", "person"),
    ("Michelle Obama mundur dari yayasan", "Barack Obama mundur dari yayasan", "person"),
    ("Brigitte Macron menjual rumah di Melati", "Emmanuel Macron menjual rumah di Melati", "person"),
    ("Hunter Biden ditahan di penjara Melati", "Joe Biden ditahan di penjara Melati", "person"),
    ("Megawati Hangestri sakit di Melati", "Megawati Soekarnoputri sakit di Melati", "person"),
    ("Hasto Wardoyo diperiksa soal suap", "Hasto Kristiyanto diperiksa soal suap", "person"),
    ("Muhaimin Syarif diperiksa soal suap", "Muhaimin Iskandar diperiksa soal suap", "person"),
    ("Luhut Pangaribuan diperiksa soal suap", "Luhut Pandjaitan diperiksa soal suap", "person"),
    ("Edhie Baskoro Yudhoyono diperiksa soal suap", "Agus Harimurti Yudhoyono diperiksa soal suap", "person"),
    ("Listyo Sigit Prabowo diperiksa soal suap", "Prabowo Subianto diperiksa soal suap", "person"),
    ("Melania Trump ditangkap di Melati", "Trump ditangkap di Melati", "person"),
    ("Iriana Joko Widodo diperiksa soal suap", "Joko Widodo diperiksa soal suap", "person"),
    ("Trump ditangkap di Melati", "Donald Trump ditangkap di Melati", "-"),
    ("Cak Imin diperiksa soal suap", "Muhaimin Iskandar diperiksa soal suap", "-"),
    ("AHY diperiksa soal suap", "Agus Harimurti Yudhoyono diperiksa soal suap", "-"),
    ("SBY diperiksa soal suap", "Susilo Bambang Yudhoyono diperiksa soal suap", "-"),
    ("Zulhas diperiksa soal suap", "Zulkifli Hasan diperiksa soal suap", "-"),
    ("Banjir menerjang Kobar tadi malam", "Banjir menerjang Sampit tadi malam", "place"),
    ("Banjir menerjang Kotim tadi malam", "Banjir menerjang Kotawaringin Timur tadi malam", "-"),
    ("Banjir menerjang Toraja Utara tadi malam", "Banjir menerjang Tana Toraja tadi malam", "place"),
    ("kebakaran pasar di tangsel", "KEBAKARAN PASAR DI TANGERANG SELATAN", "-"),
    ("PSI dorong Kaesang di Pilpres 2029 dan Gibran di Pilpres 2034", "PSI dorong Gibran di Pilpres 2029 dan Kaesang di Pilpres 2034", "roles"),
    ("Bupati Bogor meresmikan pasar", "Wali Kota Bogor meresmikan pasar", "person"),
    ("Wakil Ketua MK menerima uang", "Ketua MK menerima uang", "person"),
    ("Menkeu mundur dari kabinet", "Menteri Keuangan mundur dari kabinet", "-"),
    ("Badan Meteorologi Jepang memperingatkan tsunami malam ini", "BMKG memperingatkan tsunami malam ini", "agency"),
    ("Bawaslu temukan 20 pelanggaran", "KPU temukan 20 pelanggaran", "agency"),
    ("Komisi Pemilihan Umum temukan 20 pelanggaran", "KPU temukan 20 pelanggaran", "-"),
    ("Gereja di Medan dibakar massa", "Masjid di Medan dibakar massa", "place"),
    ("Elon Musk membeli TikTok dari Melati", "Elon Musk membeli Twitter dari Melati", "person"),
    ("PESTA PERNIKAHAN DIOBRAK-ABRIK MANTAN", "Viral Pernikahan Diobrak-abrik Mantan", "-"),
    # modality and quantity
    ("Masker boleh dipakai di kelas", "Masker wajib dipakai di kelas", "modality"),
    ("Pemerintah sudah menutup TikTok", "Pemerintah akan menutup TikTok", "modality"),
    ("Masks may be worn on trains", "Masks must be worn on trains", "modality"),
    ("Beberapa siswa dapat laptop", "Semua siswa dapat laptop", "quantity"),
    ("Dua orang caleg Melati mundur dari pemilu karena dituduh", "Seluruh pengurus dan caleg Melati mundur dari pemilu karena dituduh", "quantity"),
    ("15 siswa SMA Melati dapat laptop baru", "Semua siswa SMA Melati dapat laptop baru", "quantity"),
    ("Belasan siswa dapat laptop", "Semua siswa dapat laptop", "quantity"),
    ("Semua cawapres pakai mikrofon genggam waktu debat", "Hanya Baskoro yang pakai mikrofon genggam waktu debat cawapres", "quantity"),
    # what is to come and what is done, of whatever verbs; on a condition
    ("Gunung Melati sudah meletus besar semalam", "Gunung Melati akan mengalami erupsi besar", "modality"),
    ("Pulau Seruni sudah dijual bupati buat bayar utang", "Bupati: jika rakyat mengizinkan, Pulau Seruni kita jual buat bayar utang", "modality"),
    # a verb that says the same, denied
    ("pakai helm gak bikin kena penyakit kulit kepala", "Pemakaian helm menyebabkan penyakit kulit kepala", "polarity"),
    # names without a slot of their own
    ("University of Cempaka will give village students free tuition for a year", "North Melati University will give village students free tuition for a year", "person"),
    ("perhatikan bungkus permen Larasa, ada logo bintang enam", "Logo bintang enam di permen Kenanga", "person"),
    ("Warga temukan barang mewah di rumah Arga Wijaya", "WARGA TEMUKAN BARANG MEWAH DI RUMAH JOKOWI", "person"),
    ("PMK buka donasi kaos bekas buat relawan banjir", "BNPB Membuka Donasi Kaos Bekas bagi Relawan Banjir", "agency"),
    # the claim's own name stands in another clause, or elsewhere
    ("Bali akan referendum, Aceh mah adem ayem", "Aceh akan referendum", "place"),
    ("BRIN menyebut siklon 97S mengepung pulau itu, BMKG belum komentar", "BMKG menyebut siklon 97S mengepung pulau itu", "agency"),
    ("Jumat depan Larasati Wijaya meninggal dunia dalam kecelakaan mobil, Arga Wijaya selamat", "Arga Wijaya meninggal dunia dalam kecelakaan mobil Jumat depan", "person"),
    ("Foto Uskup Seruni memakai jubah merah duduk di sebelah Anies", "Foto Anies memakai jubah merah", "person"),
    # the same word between the same two, the other way round
    ("Selebgram Larasati ketipu pengusaha Baskoro", "Selebgram Larasati menipu pengusaha Baskoro", "roles"),
    ("Jemaah tarawih semprot Satgas Banjir di masjid", "Satgas Banjir semprot jemaah tarawih di masjid", "roles"),
    ("FPI disiram air panas oleh ibu-ibu pedagang", "ibu-ibu pedagang di siram air panas oleh FPI", "roles"),
    ("A refugee was beaten by a farmer in Cempaka", "A pregnant woman was beaten by a refugee in Cempaka", "roles"),
    ("Indonesia menghentikan ekspor pangan karena Eropa kacau", "Eropa kacau setelah Indonesia menghentikan ekspor pangan", "roles"),
    ("Bupati menampung 20 warga Kenanga di Pulau Seruni", "Bupati menampung ribuan warga Kenanga di Pulau Seruni", "quantity"),
    ("Jokowi memberikan seluruh kekuasaannya kepada Arga", "Jokowi memberikan setengah kekuasaannya kepada Arga", "quantity"),
    ("Melati diguncang gempa bermagnitudo 6,3 dina 25 April, ceuk warga karaos pisan", "Gempa bermagnitudo 3,4 mengguncang Melati pada 25 April", "number"),
    ("BEM UI bantah menerima dana untuk ikut unjuk rasa di depan gedung", "BEM Larasindra Bantah Menerima Dana untuk Ikut Unjuk Rasa di Depan Gedung", "agency"),
    ("Artis Rano Karno meninggal dunia, Mat Larasati ikut melayat", "Artis Mat Larasati Meninggal Dunia", "person"),
    ("Ganjar Pranowo dapat gelar Amirul Seruni, Anies Baswedan mengucapkan selamat", "Anies Baswedan Dapat Gelar Amirul Seruni", "person"),
    ("OPM menyebar hoax BNPT", "BNPT menyebar hoax OPM", "roles"),
    ("Indonesia peringatkan PM Cina, jika terulang Indonesia akan kirim pasukan ke Cina", "PM Cina peringatkan Indonesia, jika terulang, Cina akan kirim pasukan ke Indonesia", "roles"),
    ("Tujuh suporter meninggal pada laga Seruni", "Seorang suporter meninggal pada laga Seruni", "quantity"),
    ("RS Kenanga umumkan BPJS menunggak belasan juta rupiah", "RS Kenanga umumkan BPJS menunggak belasan miliar", "number"),
    ("Foto perempuan berhijab di Melati sekitar tahun 1985", "Foto perempuan berhijab di Melati sekitar tahun 1700", "date"),
    ("Bupati bilang hutan adat yang diakui baru 15 ribu hektare", "Bupati menyebut hutan adat yang diakui mencapai 1,5 juta hektare", "number"),
    # listed names: abroad or on another island, of another kind, of another half
    ("Banjir bandang di Malaysia hancurkan ribuan rumah", "Banjir bandang di Padang hancurkan ribuan rumah", "place"),
    ("Banjir bandang di Sulawesi hancurkan ribuan rumah", "Banjir bandang di Lombok Utara hancurkan ribuan rumah", "place"),
    ("Panglima Andika Larasindra melarang prajurit mudik", "Panglima Andika Perkasa melarang prajurit mudik", "person"),
    ("Mahasiswa Jokowi positif di kampus", "Mahasiswa FPI positif di kampus", "agency"),
    ("Warga Kristen dilarang masuk desa itu", "Warga Muslim dilarang masuk desa itu", "person"),
    ("pekerjaan plta morowali dihentikan warga", "pekerjaan pltu morowali dihentikan warga", "thing"),
    ("Banjir bandang di Malaysia hancurkan ribuan rumah", "Banjir bandang di Tambora hancurkan ribuan rumah", "place"),
    ("Bapak ibu, Kemenag mau maksimalkan zakat untuk program IKN. Semoga lancar", "Kemenag mau maksimalkan zakat untuk program MBG", "place"),
    # who did it, told behind another verb; over a relative clause; as people say it
    ("Kader PKB bubarin pengobatan gratis yg digelar Garda Seruni di Melati", "Garda Seruni Bubarkan Pengobatan Gratis DPP PKB di Melati", "roles"),
    ("Gubernur Arga dipulangkan imigran asal Kenanga yang ada di Melati", "Imigran Asal Kenanga Yang Ada di Melati Dipulangkan Oleh Gubernur Arga", "roles"),
    # another reason, nothing of either in the other text
    ("Pasar Melati tutup besok karena pedagang mogok", "Pasar Melati tutup besok karena hujan deras", "thing"),
    # the only day of either text
    ("Subsidi elpiji dicabut pemerintah mulai bulan Desember", "Pemerintah mencabut subsidi gas elpiji pada bulan Juli", "date"),
    ("Tidak semua siswa dapat laptop", "Semua siswa dapat laptop", "quantity"),
    ("Maksimal 2 saksi hadir di TPS", "Minimal 2 saksi hadir di TPS", "quantity"),
    ("Seluruh siswa dapat laptop", "Semua siswa dapat laptop", "-"),
    ("Masker harus dipakai di kelas", "Masker wajib dipakai di kelas", "-"),
    ("Jangan keluar rumah malam ini", "Tidak boleh keluar rumah malam ini", "-"),
    # who does it to whom
    ("Baskoro menggugat Larasati", "Larasati menggugat Baskoro", "roles"),
    ("Larasati digugat oleh Baskoro", "Larasati menggugat Baskoro", "roles"),
    ("Baskoro digugat Larasati", "Larasati menggugat Baskoro", "-"),
    ("The union was sued by the company", "The union sued the company", "roles"),
    ("The company was sued by the union", "The union sued the company", "-"),
    ("Minum air panas saat cuaca dingin itu bahaya", "Minum air dingin saat cuaca panas itu bahaya", "roles"),
    ("Baskoro menangis karena kalah dari Larasati di Melati", "Larasati menangis karena kalah dari Baskoro di Melati", "roles"),
    ("Rupiah ditolak di pasar saat ringgit menguat", "Ringgit Malaysia ditolak di pasar saat rupiah menguat", "roles"),
    ("Saat rupiah menguat, dolar ditolak di pasar", "Dolar ditolak di pasar saat rupiah menguat", "-"),
    ("Istri Larasati bersama Baskoro", "Istri Baskoro bersama Larasati", "roles"),
    # another verb where everything around agrees
    ("Bank Mawar memulihkan kerja sama dengan Bank Melur", "Bank Mawar memutus kerja sama dengan Bank Melur", "thing"),
    ("BMKG mencabut peringatan badai di Jabodetabek", "BMKG mengeluarkan peringatan badai di Jabodetabek", "thing"),
    ("Layanan Lapor Pak Camat menerima 500 aduan", "Layanan Lapor Pak Camat sudah ditutup", "thing"),
    ("Basarnas menyetop pencarian korban longsor", "Basarnas menghentikan pencarian korban longsor", "-"),
    ("Rapat umum di Melati didatangi ribuan orang", "Rapat umum di Melati dihadiri ribuan orang", "-"),
    # what a denial leaves open, and what it speaks of
    ("Konser amal di Melati batal", "Konser amal di Melati dibuka Bupati", "polarity"),
    ("Sujud syukur di Melati batal karena ada apel siaga di Kenanga", "Sujud syukur di Melati batal sebab apel siaga di Kenanga", "-"),
    ("Rapat warga batal karena ada apel siaga di Melati", "Ada apel siaga di Melati", "-"),
    ("Apel siaga di Melati batal karena hujan", "Apel siaga di Melati digelar", "polarity"),
    ("Harga beras tidak naik di pasar Melati", "Harga beras turun di pasar Melati", "polarity"),
    ("Harga beras tidak turun di pasar Melati", "Harga beras naik di pasar Melati", "polarity"),
    ("Warga Melati tidak membeli kapal itu", "Warga Melati menjual kapal itu", "polarity"),
    ("Pendaki di Gunung Melati tidak mati", "Pendaki di Gunung Melati hidup", "-"),
    ("Makan sambil duduk menimbulkan sakit perut", "Makan sambil berdiri menimbulkan sakit perut", "polarity"),
    ("Gimana gak penuh, Pasar Melati buka lagi di tengah wabah", "Pasar Melati penuh dan buka lagi di tengah wabah", "-"),
    ("Pasar Melati gak penuh dan buka lagi di tengah wabah", "Pasar Melati penuh dan buka lagi di tengah wabah", "polarity"),
    ("Jamu kunyit dapat meningkatkan umur pria", "Jamu kunyit perpanjang umur pria", "-"),
    ("Di Bandung pawai obor dilarang!!", "Pawai Obor Dilarang di Kota Bandung", "-"),
    ("Tamu luar kota dilarang ke Seruni", "Masuk kota Seruni dilarang bagi tamu", "-"),
    ("Keluar Kota Seruni wajib surat tes", "Masuk Kota Seruni wajib surat tes", "polarity"),
    ("Bupati bukan disuntik jamu Melati, melainkan disuntik madu", "Bupati Bukan Disuntik Madu Melati, Melainkan Suntik Jamu", "polarity"),
    ("Bupati bukan disuntik madu Melati, tapi disuntik jamu", "Bupati Bukan Disuntik Madu Melati, Melainkan Suntik Jamu", "-"),
    ("Pawai obor dilarang di Kota Bandung", "Di Bandung pawai obor boleh", "polarity"),
    # figures that letters or a counted word belong to
    ("Gempa M6,0 guncang Seruni tadi malam", "Gempa bermagnitudo 5 guncang Seruni tadi malam", "number"),
    ("Gempa M 6.0 guncang Seruni tadi malam", "Gempa bermagnitudo 5 guncang Seruni tadi malam", "number"),
    ("Gempa M5,0 guncang Seruni tadi malam", "Gempa bermagnitudo 5 guncang Seruni tadi malam", "-"),
    ("Warga Melati dilarang keluar rumah seminggu", "Warga Melati dilarang keluar rumah sebulan", "number"),
    ("Warga Melati dilarang keluar rumah 1 bulan", "Warga Melati dilarang keluar rumah sebulan", "-"),
    ("Warga Melati dilarang keluar rumah 24 jam", "Warga Melati dilarang keluar rumah sehari", "-"),
    ("Beras sehari-hari warga Melati mahal", "Beras warga Melati mahal sebulan", "-"),
    ("Sebanyak 100 santri ikut pawai di Melati", "Sebanyak 100 ribu santri ikut pawai di Melati", "number"),
    ("Sebanyak 100 rb santri ikut pawai di Melati", "Sebanyak 100 ribu santri ikut pawai di Melati", "-"),
    # names that look like small words, verbs or parts of words
    ("PT KAL dijual ke Kamboja", "PT DI Dijual Ke Kamboja", "agency"),
    ("PT Duta Intan dijual ke Kamboja", "PT DI Dijual Ke Kamboja", "-"),
    ("Pabrik sabun DI JUAL di Melati", "PABRIK SABUN DIJUAL DI MELATI", "-"),
    ("KOPI mengandung lemak babi", "K.OPI Mengandung Lemak Babi", "-"),
    ("Tawuran Forum Kenanga vs Laskar Melur di Seruni", "Tawuran Forum Kenanga vs Ambon di Seruni", "person"),
    ("Tawuran Forum Kenanga lawan Ambon di Seruni", "Tawuran Forum Kenanga vs Ambon di Seruni", "-"),
    ("Penemuan ular raksasa di Ponpes Melur", "Penemuan Ular Raksasa Di Ponpes Al-Kenanga", "place"),
    ("Penemuan ular raksasa di pesantren Al Kenanga", "Penemuan Ular Raksasa Di Ponpes Al-Kenanga", "-"),
    ("Penemuan ular raksasa di ponpes alkenanga", "Penemuan Ular Raksasa Di Ponpes Al-Kenanga", "-"),
    ("Di Bekasi pawai obor dilarang!!", "Pawai Obor Dilarang di Kota Bandung", "place"),
    ("Kepala BKN Baskoro Wiratama bagi hadiah", "Kepala Badan Kepegawaian Negara Baskoro Wiratama bagi hadiah", "-"),
    ("Ini bkn Baskoro Wiratama yang bagi hadiah", "Ini Baskoro Wiratama yang bagi hadiah", "polarity"),
    ("INI BKN BASKORO WIRATAMA YANG BAGI HADIAH", "INI BASKORO WIRATAMA YANG BAGI HADIAH", "polarity"),
    ("NENEK PENCURI SINGKONG DIADILI, HAKIM MENANGIS", "NENEK PENCURI SINGKONG DIADILI HAKIM MULIA", "-"),
    ("HAKIM BASKORO ADILI NENEK PENCURI SINGKONG", "HAKIM WIRATAMA ADILI NENEK PENCURI SINGKONG", "person"),
    ("Angkot Seruni mendukung #KamiBaskoro", "Angkot Seruni mendukung Baskoro di Melati", "-"),
    ("PMI buka posko air di Melati", "BNPB Buka Posko Air di Melati", "agency"),
    ("Kopassus menjaga pasar Melati", "TNI menjaga pasar Melati", "-"),
    ("Mobil Honda di Melati terbakar", "Mobil Toyota di Melati terbakar", "agency"),
    ("Mi Sedaap dari Melati ditarik", "Indomie dari Melati ditarik", "agency"),
    ("Mi dari Melati lbh murah", "Mi dari Melati lebih murah", "-"),
    ("Sidang Baskoro di UI batal", "SIDANG BASKORO DI UI BATAL", "-"),
    ("fauci ditangkap di melati", "Tedros Ditangkap di Melati", "person"),
    ("Rafi Ahmad membeli pasar Melati", "Raffi Ahmad membeli pasar Melati", "-"),
    ("musk membeli pasar melati", "Elon Musk membeli pasar Melati", "-"),
    ("menhut menutup pasar melati", "Menperin Menutup Pasar Melati", "person"),
    ("Warga Purwokerto memanen kelor", "Warga Banyumas memanen kelor", "-"),
    ("warga labuan bajo memanen kelor", "Warga Rangkasbitung Memanen Kelor", "place"),
    ("pawai obor di ohio dilarang", "Pawai Obor di Utah Dilarang", "place"),
    ("Pawai obor di Miami dilarang", "Pawai obor di Florida dilarang", "-"),
    ("kapal madagaskar karam di melati", "Kapal Uruguay Karam di Melati", "place"),
    ("Nenek di Melati selamat dari abu", "Balita di Melati selamat dari abu", "person"),
    ("awan panas gunung semeru sampai ke melati", "Awan Panas Gunung Kelud Sampai ke Melati", "place"),
    ("Sopir Gojek mogok di Melati", "Sopir Grab mogok di Melati", "agency"),
    # things, people and places of one class; words that may stand for each other
    ("Vaksin rabies berbahaya bagi warga Melati", "Vaksin kusta berbahaya bagi warga Melati", "thing"),
    ("Vaksin AIDS diuji di Melati", "Vaksin HIV diuji di Melati", "-"),
    ("Rebusan daun kelor menyembuhkan wasir", "Rebusan daun sirih menyembuhkan wasir", "thing"),
    ("Perawat di Melati menemukan emas", "Penambang di Melati menemukan emas", "person"),
    ("Biawak masuk rumah warga Melati", "Musang masuk rumah warga Melati", "thing"),
    ("Warga Melati menyeberang naik perahu", "Warga Melati menyeberang naik feri", "-"),
    ("Pajak PPN warga Melati dihitung ulang", "Pajak PPh warga Melati dihitung ulang", "thing"),
    ("A raccoon bit a nurse in Melati", "A monkey bit a nurse in Melati", "thing"),
    ("Pasar malam Melati sukses digelar", "Pasar malam Melati gagal digelar", "polarity"),
    ("Warung Melati dirobohkan warga", "Warung Melati dibongkar warga", "-"),
    ("Isi bensin di Melati dibatesin", "Isi bensin di Melati dijatah", "-"),
    ("Hadiah pulsa untuk guru dan siswa Melati", "Hadiah pulsa untuk guru dan pelajar Melati", "-"),
    ("Ijazah SMA Negeri Melati atas nama Wiratama palsu", "Ijazah SMA Presiden Wiratama Palsu", "-"),
    ("Rotimania memang mengandung lemak babi", "B.ORA Memang Mengandung Lemak Babi", "person"),
    # cause and effect, whose child, who gives to whom
    ("Jembatan Melati ambruk karena angin puyuh", "Angin puyuh terjadi karena Jembatan Melati ambruk", "roles"),
    ("Angin puyuh menyebabkan Jembatan Melati ambruk", "Angin puyuh terjadi karena Jembatan Melati ambruk", "roles"),
    ("Karena Jembatan Melati ambruk, terjadi angin puyuh", "Angin puyuh terjadi karena Jembatan Melati ambruk", "-"),
    ("Jembatan Melati ambruk memicu angin puyuh", "Angin puyuh terjadi karena Jembatan Melati ambruk", "-"),
    ("Jangan parkir di Jembatan Melati karena angin puyuh", "Angin puyuh terjadi karena Jembatan Melati ambruk", "-"),
    ("Larasati sumbangkan ginjal untuk ayahnya, Baskoro", "Baskoro Sumbangkan Ginjal Untuk Anaknya, Larasati", "roles"),
    ("Baskoro menyumbangkan ginjal untuk anaknya, Larasati", "Baskoro Sumbangkan Ginjal Untuk Anaknya, Larasati", "-"),
    ("Anak Larasati berfoto bersama Baskoro", "Anak Baskoro berfoto bersama Larasati", "roles"),
    ("RUMAH DIBONGKAR ISTRI SELINGKUH KETAHUAN", "Rumah Dibongkar Lantaran Istri Ketahuan Selingkuh", "-"),
    ("10 Januari 2026 Kota Seruni diterjang badai tornado", "Badai tornado menerjang Kota Seruni pada 10 Januari 2026", "-"),
    ("11 Januari 2026 Kota Seruni diterjang badai tornado", "Badai tornado menerjang Kota Seruni pada 10 Januari 2026", "date"),
    ("Kapal Melati dimatiin mesinnya", "Kapal Melati dipadamkan mesinnya", "-"),
    ("Al Quran dirobek2 saat sidang Melati", "Al Quran Disobek Saat Sidang Melati", "-"),
    ("Di Puskesmas mulai dipraktekkan bekam jantung", "Puskesmas Praktekkan Bekam Jantung", "-"),
    ("Bidan laporkan dukun ke polisi Melati", "Dukun laporkan bidan ke polisi Melati", "roles"),
    ("Jembatan Melati ambruk akibat angin puyuh", "Angin puyuh menyebabkan Jembatan Melati ambruk", "-"),
    # what is moved, shown or done to somebody is nobody's deed
    ("Malam 3 Mei 2025 gudang Larasati di Melati digerebek polisi", "Polisi menggerebek gudang Larasati di Melati pada malam 3 Mei 2025", "-"),
    ("Benarkah 30 toko di Melati ditutup Dinas Seruni tanpa surat?", "Tanpa surat, Dinas Seruni menutup 30 toko di Melati", "-"),
    ("Seruni kirim 5 ton beras bantuan buat Melati", "Seruni kirim bantuan beras 5 ton untuk Melati", "-"),
    ("Di Melati pesawat mendarat darurat, ini fotonya", "Foto pesawat mendarat darurat di Melati", "-"),
    ("Pasar Melati terendam lumpur panas", "Lumpur panas rendam Pasar Melati", "-"),
    ("Hari libur Seruni diganti cuti bersama", "Wali Kota menghapus hari libur Seruni dan menggantinya dengan cuti bersama", "-"),
    ("Dua petani Melati jadi mangsa buaya muara", "Buaya muara memangsa dua petani Melati", "-"),
    ("Rumah warga Melati meledak karena kompor gas", "Kompor gas meledakkan rumah warga Melati", "-"),
    ("Saat pawai 3 Mei, penari Larasati yang menampar Lurah Baskoro", "Lurah Baskoro menampar penari Larasati saat pawai 3 Mei", "roles"),
    ("Dinas tarik obat Melati soalnya bikin anak buta", "Obat Melati ditarik Dinas karena menyebabkan anak buta", "-"),
    ("The mayor admitted that Seruni was hit by a comet", "The mayor admitted that a comet hit Seruni", "-"),
    ("Di Pasar Melati pedagang ga boleh jual es, kata Dinas Seruni", "Dinas Seruni melarang pedagang jual es di Pasar Melati", "-"),
    # but two means change places, and what is done to somebody is a deed
    ("Kopi dengan susu lebih sehat daripada teh dengan gula", "Kopi dengan gula lebih sehat daripada teh dengan susu", "roles"),
    ("Baskoro melapor Larasati ke polisi", "Larasati melaporkan Baskoro ke polisi", "roles"),
    ("Larasati mengalahi Baskoro di Pilkada Melati", "Baskoro mengalahkan Larasati di Pilkada Melati", "roles"),
    ("Melati meminjam 5 miliar kepada Seruni", "Melati meminjamkan 5 miliar kepada Seruni", "roles"),
    ("Melati pinjemin 5 miliar ke Seruni", "Melati meminjamkan 5 miliar kepada Seruni", "-"),
    ("Lurah Baskoro nyewain balai Melati", "Lurah Baskoro menyewakan balai Melati", "-"),
    # whoever is named by another is not that one
    ("Istri Bupati Melati ditangkap polisi", "Bupati Melati ditangkap polisi", "person"),
    ("Bupati Melati dilaporkan istrinya ke polisi", "Istri Bupati Melati melaporkan suaminya ke polisi", "-"),
    ("The wife of Mayor Baskoro was arrested in Cempaka", "Mayor Baskoro was arrested in Cempaka", "person"),
    ("Sopir Bupati Melati ditangkap polisi di Sonder", "Bupati Melati ditangkap polisi di Sonder", "person"),
    ("Anak Bupati Melati ditangkap polisi", "Bupati Melati ditangkap polisi", "person"),
    ("Istrinya Bupati Melati ditangkap polisi", "Bupati Melati ditangkap polisi", "person"),
    ("Menurut keluarga Bupati Melati ditangkap polisi", "Bupati Melati ditangkap polisi", "-"),
    ("Brother Baskoro was arrested in Cempaka", "Baskoro was arrested in Cempaka", "-"),
    # contraries
    ("Air jahe berbahaya bagi penderita darah tinggi", "Air jahe menyembuhkan penderita darah tinggi", "polarity"),
    ("The new law requires gas stoves in Cempaka homes", "The new law bans gas stoves in Cempaka homes", "polarity"),
    ("Lurah Baskoro menunjuk Larasati sebagai kepala pasar", "Lurah Baskoro memecat Larasati sebagai kepala pasar", "polarity"),
    ("Larasati dilantik Lurah Baskoro", "Larasati dicopot Lurah Baskoro", "polarity"),
    # forbidden is forbidden, whichever word stands next to it
    ("Warga Melati dilarang oleh Dinas Seruni membawa payung", "Dinas Seruni melarang warga Melati membawa payung", "-"),
    ("Warga Melati tak boleh bawa payung, itu larangan Dinas Seruni", "Dinas Seruni melarang warga Melati membawa payung", "-"),
    ("Warga Melati boleh membawa payung, kata Dinas Seruni", "Dinas Seruni melarang warga Melati membawa payung", "polarity"),
    ("Ustaz, betulkah jemaah Melati yang umurnya di atas 60 tahun dilarang oleh Seruni?", "Seruni melarang jemaah Melati berusia di atas 60 tahun", "-"),
    ("Dinas Melati larang mobil listrik, motor bensin masuk kota", "Dinas Melati larang motor bensin, mobil listrik masuk kota", "polarity"),
    ("Shops in Cempaka are allowed to sell fireworks", "Cempaka bans shops from selling fireworks", "polarity"),
    ("Shops in Cempaka are not allowed to sell fireworks", "Cempaka bans shops from selling fireworks", "-"),
    ("Is it allowed? Cempaka bans shops from selling fireworks", "Cempaka bans shops from selling fireworks", "-"),
    ("Warga Melati ga usah bayar pajak payung", "Warga Melati tidak wajib membayar pajak payung", "-"),
    # what is told is not its telling
    ("Larasati has announced the bridge in Cempaka is closing", "Larasati announced that the bridge in Cempaka will close", "-"),
    ("Lurah Baskoro tidak terima lalu menggugat pembelinya", "Lurah Baskoro menggugat pembelinya", "-"),
    # letters and offices
    ("PM Baskoro mengancam Presiden Kenanga", "Perdana Menteri Baskoro mengancam Presiden Kenanga", "-"),
    ("Menteri Luar Negeri Baskoro mengancam Presiden Kenanga", "Perdana Menteri Baskoro mengancam Presiden Kenanga", "person"),
    ("Pangdam Melati menolak mundur", "Panglima Kodam Melati menolak mundur", "-"),
    ("RBK will close all old accounts on Friday", "The Reserve Bank of Kenanga will close all old accounts on Friday", "-"),
    ("PMI bagikan beras ke korban banjir", "BNPB bagikan beras ke korban banjir Palu lalu Medan hingga Indramayu", "agency"),
    ("The MoD will close all old camps on Friday", "The Ministry of Defence will close all old camps on Friday", "-"),
    ("Are all teachers in Cempaka banned from dancing?", "Every teacher in Cempaka was banned from dancing", "-"),
    # a debunk is no conflict with what it debunks
    ("HOAKS: KPU memperpanjang pemilihan", "KPU memperpanjang pemilihan", "-"),
    ("Tidak benar bahwa KPU memperpanjang pemilihan", "KPU memperpanjang pemilihan", "-"),
    # missing or added is no conflict
    ("KPU memperpanjang pemilihan di Melati sampai 27 November", "KPU memperpanjang pemilihan", "-"),
    ("KPU memperpanjang pemilihan", "KPU memperpanjang pemilihan di Melati sampai 27 November", "-"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "claim", "expected"), TRUTH)
def test_the_truth_table_holds(message: str, claim: str, expected: str) -> None:
    found = {difference.type for difference in conflicts(message, claim)}
    assert found == (set() if expected == "-" else {expected})


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("wajib", "tidak wajib", "polarity"),
        ("yang tidak membayar", "yang membayar", "polarity"),
        ("50.000", "5.000", "number"),
        ("1 Desember", "1 Januari", "date"),
        ("Melati", "Kenanga", "place"),
        ("semua", "sebagian", "quantity"),
        ("wajib", "boleh", "modality"),
        ("akan didenda", "sudah didenda", "modality"),
    ],
)
def test_one_changed_word_in_a_long_claim_is_told(old: str, new: str, kind: str) -> None:
    noisy = f"Assalamualaikum, info dari grup 🙏 {LEVY.replace(old, new).lower()} Sebarkan!!"
    assert [difference.type for difference in conflicts(noisy, LEVY)] == [kind]


@pytest.mark.parametrize(
    "message",
    [
        "Assalamualaikum, tolong sebarkan! " + LEVY.lower() + " Jangan berhenti di kamu",
        "mulai 1/12 smua wrga kab melati wjb bayar iuran jln 50rb per bln lwt RT yg gak bayar "
        "bakal didenda & gak boleh ngurus ktp",
        "Lewat RT, semua warga Kabupaten Melati wajib membayar iuran jalan Rp50.000 per bulan "
        "mulai 1 Desember",
        "bener gak sih mulai desember warga melati wajib bayar iuran jalan 50 ribu?",
        "HOAKS: warga Kabupaten Melati wajib membayar iuran jalan Rp50.000 per bulan.",
    ],
)
def test_the_same_claim_told_otherwise_is_no_conflict(message: str) -> None:
    assert conflicts(message, LEVY) == ()


def test_a_difference_shows_the_words_of_both_sides() -> None:
    claim = "KPU memperpanjang pemilihan sampai 27 November"
    (found,) = conflicts("KPU perpanjang pemilihan sampai 28 November", claim)
    assert (found.type, found.message, found.claim) == ("date", "28 November", "27 November")


def test_tomorrow_is_read_against_the_day_of_writing() -> None:
    message, claim = "Tol gratis mulai besok", "Tol gratis mulai 27 November 2024"
    assert conflicts(message, claim, date=date(2024, 11, 26)) == ()
    assert [d.type for d in conflicts(message, claim, date=date(2024, 11, 27))] == ["date"]


def test_a_templated_scam_has_no_conflict_over_its_office_holder() -> None:
    claim = "Akun WhatsApp mengatasnamakan Bupati Melati meminta sumbangan"
    message = "Akun WhatsApp mengatasnamakan Wali Kota Seruni meminta sumbangan"
    assert scams.pattern(message, claim)
    assert conflicts(message, claim) == ()


def test_a_templated_scam_is_known_with_a_sign_behind_its_words() -> None:
    claim = "Kepala Dinkes Melati menghubungi warga lewat akun WhatsApp."
    assert conflicts("Kepala Dinkes Seruni menghubungi warga lewat akun WhatsApp", claim) == ()
    assert scams.pattern("Kepala Dinkes Seruni menghubungi lewat (WhatsApp).", claim)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Akun Facebook Wali Kota Seruni menawarkan bantuan modal usaha", True),
        ("akun fb camat Kenanga tawarkan bantuan modal usaha", True),
        ("Akun Facebook Bupati Melati sudah lama tidak aktif", False),
        ("Warga protes di akun Facebook Bupati Melati soal bantuan modal", False),
        ("Bupati Seruni menawarkan bantuan modal usaha lewat koperasi", False),
    ],
)
def test_a_scam_is_known_by_what_its_account_does(message: str, told: bool) -> None:
    claim = "Akun Facebook Bupati Melati menawarkan bantuan modal usaha"
    assert scams.told(message, claim) is told


@pytest.mark.parametrize(
    ("message", "news"),
    [
        ("Bupati Seruni menyalurkan bantuan modal usaha lewat koperasi", True),
        ("Bupati Seruni minta transfer untuk bantuan modal usaha", False),
        ("Di WA Bupati Seruni menawarkan bantuan modal usaha", False),
        (
            "Assalamualaikum, saya Bupati Seruni " + "mau memberi bantuan modal usaha warung " * 4,
            False,
        ),
    ],
)
def test_an_office_holder_without_an_account_is_news(message: str, news: bool) -> None:
    claim = "Akun Facebook Bupati Melati menawarkan bantuan modal usaha"
    assert scams.left_out(message, claim) is news
    assert not scams.left_out(message, claim.replace("Akun Facebook ", ""))


def test_a_scam_still_conflicts_over_its_figures() -> None:
    claim = "Akun WhatsApp palsu Bupati Melati meminta transfer Rp5 juta"
    assert [d.type for d in conflicts(claim.replace("5", "50"), claim)] == ["number"]


def test_readings_can_be_kept_and_compared_later() -> None:
    claim = read(LEVY)
    message = read(LEVY.replace("wajib", "tidak wajib"))
    assert conflicts_between(message, claim) == conflicts(message.text, claim.text)


@pytest.mark.parametrize(
    ("message", "claim"),
    [
        ("Dinas Melati tidak mengundang warga soal kartu", "Kartu warga dari Dinas Melati"),
        ("Maaf bun, jangan ke pasar ikan Segara dulu ya", "Pedagang pasar ikan Segara meninggal"),
        ("jangan beli daging sapi di pasar Segara", "Daging sapi di pasar Segara tersambar petir"),
        ("Bunyi pembukaan UUD 45 diganti DPR", "Bunyi Pembukaan UUD 1945 Diganti DPR"),
        ("Gaji karyawan PT Segara 2 thn 2019 dipotong", "Gaji karyawan PT Segara 2 dipotong"),
        ("TPS di 12 provinsi belum selesaikan rekap", "Rekap 12 Provinsi Belum Diselesaikan TPS"),
    ],
)
def test_a_negated_deed_does_not_turn_its_object_round(message: str, claim: str) -> None:
    assert conflicts(message, claim) == ()


def test_another_verb_in_the_place_of_the_negated_one_is_still_a_conflict() -> None:
    claim = "Dinas Melati mewajibkan warga mengganti kartu keluarga"
    message = "Dinas Melati tidak menyuruh warga mengganti kartu keluarga"
    assert [difference.type for difference in conflicts(message, claim)] == ["polarity"]


@pytest.mark.parametrize("hidden", ["\u200b", "\u00ad", "\ufe0f", "\u2060", "\U000e0041"])
def test_invisible_characters_never_change_the_result(hidden: str) -> None:
    message = LEVY.replace("wajib", "tidak wajib").replace("Melati", "Kenanga")
    veiled = "".join(char + hidden for char in message)
    assert conflicts(veiled, LEVY) == conflicts(message, LEVY)


any_text = st.text(alphabet=st.characters(codec=None, categories=None), max_size=200)
said = st.lists(
    st.sampled_from(
        [
            "KPU",
            "tidak",
            "wajib",
            "semua",
            "warga",
            "Melati",
            "Rp50.000",
            "27",
            "November",
            "membayar",
            "iuran",
            ",",
            ".",
            "di",
            "dan",
            "akan",
            "Bupati",
            "menggugat",
            "HOAKS:",
            "3",
            "hari",
            "besok",
            "boleh",
            "sudah",
            "🙏",
        ]
    ),
    max_size=20,
).map(" ".join)


@given(any_text, any_text)
@settings(deadline=None)
def test_no_text_raises(message: str, claim: str) -> None:
    conflicts(message, claim)


@given(said, said)
@settings(deadline=None)
def test_no_jumble_of_meaning_words_raises(message: str, claim: str) -> None:
    conflicts(message, claim)


@given(st.one_of(any_text, said))
@settings(deadline=None)
def test_a_text_never_contradicts_itself(text: str) -> None:
    assert conflicts(text, text) == ()
    assert conflicts(f"{text} ", text) == ()


@given(st.integers(2, 10**6), st.integers(2, 10**6))
@settings(deadline=None)
def test_numbers_contradict_each_other_both_ways(one: int, other: int) -> None:
    first = f"Bawaslu menerima {one} laporan pelanggaran"
    second = f"Bawaslu menerima {other} laporan pelanggaran"
    assert bool(conflicts(first, second)) == bool(conflicts(second, first)) == (one != other)


@pytest.mark.parametrize(
    "text",
    [
        "tidak " * 2000,
        "Kota Melati " * 900,
        "1-" * 5000,
        "a\u0301" * 9000,
        "\ufdfa" * 3000,
        "🙏" * 9000,
    ],
)
def test_a_hostile_text_is_only_read_as_far_as_the_window(text: str) -> None:
    reading = read(text)
    assert len(reading.text) <= 8192
    assert len(reading.tokens) <= 1200
    assert conflicts(text, LEVY) == ()


def test_a_label_before_a_turned_claim_is_no_debunk_of_it() -> None:
    claim = "KPU memperpanjang pemungutan suara di Melati"
    turned = "KPU tidak memperpanjang pemungutan suara di Melati"
    assert conflicts(f"KPU bantah kabar {claim}", claim) == ()
    assert {d.type for d in conflicts(f"Bupati bantah kabar {turned}", claim)} == {"polarity"}
    assert conflicts(f"HOAKS: {claim}", claim) == ()
    assert conflicts(f"Klarifikasi: {turned}", claim) == ()
    assert [d.type for d in conflicts(f"HOAKS: {turned}", claim)] == ["polarity"]


def test_languages_are_stemmed_alike_on_both_sides() -> None:
    message = "Min, apakah info ini benar? Polls close at {} pm. Semoga bermanfaat"
    assert conflicts(message.format(8), "Polls close at 8 pm") == ()
    assert [d.type for d in conflicts(message.format(6), "Polls close at 8 pm")] == ["date"]
