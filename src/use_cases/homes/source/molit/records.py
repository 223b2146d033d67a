"""What the ministry tells of one trade: the fields as its document names them, everything text."""

ADDRESS = "https://apis.data.go.kr"
PATH = "/1613000/RTMSDataSvcAptTradeDev/getRTMSDataSvcAptTradeDev"

FIELDS = (
    "sggCd",
    "umdCd",
    "landCd",
    "bonbun",
    "bubun",
    "roadNm",
    "roadNmSggCd",
    "roadNmCd",
    "roadNmSeq",
    "roadNmbCd",
    "roadNmBonbun",
    "roadNmBubun",
    "umdNm",
    "aptNm",
    "jibun",
    "excluUseAr",
    "dealYear",
    "dealMonth",
    "dealDay",
    "dealAmount",
    "floor",
    "buildYear",
    "aptSeq",
    "cdealType",
    "cdealDay",
    "dealingGbn",
    "estateAgentSggNm",
    "rgstDate",
    "aptDong",
    "slerGbn",
    "buyerGbn",
    "landLeaseholdGbn",
)
CANCELLED = "O"
"""In ``cdealType``: the trade was called off after it had been registered."""

Record = dict[str, str | None]
